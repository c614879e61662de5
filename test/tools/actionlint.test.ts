import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ensureActionlint } from '../../tools/setup/actionlint.mjs';
import { plainPath, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('actionlint of set-up', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
    cpSync(join(root, 'tools/actionlint'), join(folder.path, 'tools/actionlint'), { recursive: true });
  });
  afterEach(() => folder.remove());

  const ensure = (path: string) =>
    ensureActionlint({
      root: folder.path,
      env: { PATH: path, XDG_CACHE_HOME: `${folder.path}/cache` },
      goFolders: [],
    });

  /** A Go that notes its builds, and makes a program that says `lint`. */
  function goThatBuilds(): void {
    folder.script(
      'bin/go',
      'case $1 in',
      '  env) echo go1.99 ;;',
      `  build) echo built >> ${folder.path}/builds`,
      '    while [ "$1" != -o ]; do shift; done',
      `    printf '#!/bin/sh\\necho lint\\n' > "$2actionlint"; chmod +x "$2actionlint" ;;`,
      'esac',
    );
  }
  const builds = () => readFileSync(`${folder.path}/builds`, 'utf8').match(/built/g)?.length;

  it('is built once, and found afterwards without Go', async () => {
    goThatBuilds();
    const { program = '' } = await ensure(`${folder.path}/bin:${plainPath}`);
    expect(spawnSync(program, { encoding: 'utf8' }).stdout).to.equal('lint\n');
    expect(await ensure(plainPath)).to.deep.equal({ program });
    expect(builds()).to.equal(1);
  });

  it('is built anew for other pinned modules', async () => {
    goThatBuilds();
    const first = await ensure(`${folder.path}/bin:${plainPath}`);
    writeFileSync(join(folder.path, 'tools/actionlint/go.sum'), 'other');
    expect(await ensure(`${folder.path}/bin:${plainPath}`)).to.not.deep.equal(first);
    expect(builds()).to.equal(2);
  });

  it('is done without where there is no Go, with the reason', async () => {
    expect(await ensure(plainPath)).to.deep.equal({ because: 'there is no Go on PATH or in /usr/local/go' });
  });
});
