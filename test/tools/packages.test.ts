import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ensurePackages } from '../../tools/setup/packages.mjs';
import { failureOf, plainPath, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('the npm packages of set-up', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
    lock('1.0.0');
    folder.script('bin/npm', `echo "$@" >> ${folder.path}/calls`, 'mkdir -p node_modules');
  });
  afterEach(() => folder.remove());

  function lock(version: string, name = 'package-lock.json'): void {
    const packages = {
      'node_modules/a': { version, integrity: 'sha512-a' },
      'node_modules/b': { version, optional: true },
    };
    folder.write(name, JSON.stringify({ packages }));
  }

  const ensure = () =>
    ensurePackages({
      root: folder.path,
      env: { PATH: `${folder.path}/bin:${plainPath}`, XDG_CACHE_HOME: `${folder.path}/cache` },
    });

  function calls(): string[] {
    const file = join(folder.path, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  it('come from the lock file, development ones too, without running install scripts', async () => {
    await ensure();
    expect(calls()).to.have.length(1);
    expect(calls()[0]).to.match(/^ci /).and.contain('--ignore-scripts').and.contain('--include=dev');
  });

  it('are not installed again while the lock file stays as it is', async () => {
    await ensure();
    await ensure();
    expect(calls()).to.have.length(1);
    lock('1.0.1');
    await ensure();
    expect(calls()).to.have.length(2);
  });

  it('are not installed again after an npm ci by hand, and are after one of another lock file', async () => {
    folder.write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } }),
    );
    await ensure();
    expect(calls()).to.have.length(0);
    lock('1.0.1');
    await ensure();
    expect(calls()).to.have.length(1);
  });

  it('that cannot be installed end set-up with what npm said', async () => {
    folder.script('bin/npm', 'echo "npm error code EUSAGE" >&2', 'exit 1');
    const failure = await failureOf(ensure());
    expect(failure.name).to.equal('SetupFailure');
    expect(failure.message).to.contain('exit code 1').and.contain('npm error code EUSAGE');
  });
});
