import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage, packPackage } from '../tools/packed-package.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { rounded } from './median.ts';

const biggest = 5;

export const npmPackage: Bench = {
  name: 'package',
  about: 'how much a person brings into a project with the npm package',
  measures: [
    { key: 'tarballKiB', about: 'the file that `npm pack` makes' },
    {
      key: 'installMiB',
      about: 'all files in node_modules after its installation into an empty project, by their length',
    },
    {
      key: 'dependencies',
      about: 'packages in that node_modules beside it; @pulumi/pulumi, an optional peer, is not brought',
    },
  ],
  async *run(context) {
    yield await measure(context);
  },
};

async function measure({ root, signal, say }: BenchContext): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-bench-'));
  try {
    const packed = await packPackage(root, folder);
    signal.throwIfAborted();
    const parts = packed.files.toSorted((a, b) => b.size - a.size).slice(0, biggest);
    say(`its biggest files: ${parts.map(({ path, size }) => `${path} ${rounded(size / 1024, 0)} KiB`).join(', ')}`);
    const project = join(folder, 'project');
    await installPackage(packed, project);
    signal.throwIfAborted();
    const modules = join(project, 'node_modules');
    return {
      tarballKiB: rounded(packed.size / 1024, 0),
      installMiB: rounded(lengthOf(modules) / 1024 ** 2, 2),
      dependencies: installedIn(modules).filter((name) => name !== 'pulumi-mde').length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes of all files below a folder; links are not followed. */
function lengthOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Packages by npm's own account, which it writes at the end of an installation. */
function installedIn(modules: string): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
  return Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''));
}
