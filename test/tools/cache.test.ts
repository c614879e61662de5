import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cacheFolder, ensureCached } from '../../tools/setup/cache.mjs';
import { failureOf, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('the cache of set-up', () => {
  let temporary: TemporaryFolder;
  let folder: string;
  let made: number;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'engine', '1.2.3');
    made = 0;
  });
  afterEach(() => temporary.remove());

  const isWhole = () => existsSync(join(folder, 'whole'));
  const ensure = (onWait?: () => void) =>
    ensureCached({
      folder,
      isWhole,
      make: async (partial) => {
        made += 1;
        writeFileSync(join(partial, 'half'), '');
        await new Promise((resolve) => setImmediate(resolve));
        writeFileSync(join(partial, 'whole'), String(made));
      },
      ...(onWait === undefined ? {} : { onWait }),
    });

  it('lies where XDG_CACHE_HOME says, unless that is relative', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/somewhere' })).to.equal('/somewhere/pulumi-mde');
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).to.equal(join(homedir(), '.cache', 'pulumi-mde'));
    expect(cacheFolder({})).to.equal(join(homedir(), '.cache', 'pulumi-mde'));
  });

  it('makes a folder once', async () => {
    await ensure();
    await ensure();
    expect(made).to.equal(1);
    expect(readdirSync(join(temporary.path, 'engine'))).to.deep.equal(['1.2.3']);
  });

  it('makes a folder once for two who want it at the same time, and tells the second that it waits', async () => {
    let waited = 0;
    const onWait = () => {
      waited += 1;
    };
    await Promise.all([ensure(onWait), ensure(onWait)]);
    expect(made).to.equal(1);
    expect(waited).to.equal(1);
  });

  it('leaves nothing behind when making it fails', async () => {
    const make = async (partial: string) => {
      writeFileSync(join(partial, 'half'), '');
      throw new Error('disk full');
    };
    expect((await failureOf(ensureCached({ folder, isWhole, make }))).message).to.equal('disk full');
    expect(readdirSync(join(temporary.path, 'engine'))).to.deep.equal([]);
  });

  it('does not trust a folder that is not whole, nor what a killed set-up left', async () => {
    temporary.write('engine/1.2.3/half', 'old');
    temporary.write('engine/1.2.3.partial-x/half', 'old');
    await ensure();
    expect(readdirSync(join(temporary.path, 'engine'))).to.deep.equal(['1.2.3']);
    expect(readFileSync(join(folder, 'whole'), 'utf8')).to.equal('1');
  });

  it('takes over the lock of a process that is gone', async () => {
    const { pid } = spawnSync('true');
    temporary.write('engine/1.2.3.lock', JSON.stringify({ pid, host: hostname(), token: 'x' }));
    await ensure();
    expect(made).to.equal(1);
  });
});
