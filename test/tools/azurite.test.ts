import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ensureAzurite } from '../../tools/setup/azurite.mjs';
import { plainPath, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('Azurite of set-up', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
    cpSync(join(root, 'tools/azurite'), join(folder.path, 'tools/azurite'), { recursive: true });
  });
  afterEach(() => folder.remove());

  const ensure = () =>
    ensureAzurite({
      root: folder.path,
      env: { PATH: `${folder.path}/bin:${plainPath}`, XDG_CACHE_HOME: `${folder.path}/cache` },
    });

  it('is brought once, from its lock file and without install scripts', async () => {
    const place = 'node_modules/azurite/dist/src/blob';
    folder.script(
      'bin/npm',
      `echo "$@" >> ${folder.path}/calls`,
      `test -f package-lock.json && mkdir -p ${place} && echo > ${place}/main.js`,
    );
    const { program = '' } = await ensure();
    expect(program.endsWith(`/${place}/main.js`)).to.equal(true);
    expect(await ensure()).to.deep.equal({ program });
    expect(readFileSync(join(folder.path, 'calls'), 'utf8')).to.match(/^ci --ignore-scripts [^\n]*\n$/);
  });

  it('is done without where npm cannot bring it, with the reason', async () => {
    folder.script('bin/npm', 'exit 1');
    expect(await ensure()).to.deep.equal({ because: 'Azurite could not be brought from npm' });
  });
});
