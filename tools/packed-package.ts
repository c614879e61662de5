import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A file in the package, from its root. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
  /** Its permissions, such as 0o755. */
  readonly mode: number;
}

/** The npm package of `dist/` as it lies there. */
export interface PackedPackage {
  /** The file to install, a .tgz. */
  readonly tarball: string;
  /** Its size in bytes. */
  readonly size: number;
  readonly files: readonly PackedFile[];
}

/**
 * Packs the package, without building it.
 * @param root the repository
 * @param folder where the tarball is put
 * @throws Error with what npm says
 */
export async function packPackage(root: string, folder: string): Promise<PackedPackage> {
  const answer = await npm(root, ['pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`]);
  const [packed] = JSON.parse(answer) as [{ filename: string; size: number; files: PackedFile[] }];
  return { tarball: join(folder, packed.filename), size: packed.size, files: packed.files };
}

/**
 * Installs the tarball into an empty project, as a person does, and nothing comes from the network or another cache:
 * what the package does not bring itself is not there.
 * @param folder the project's, made where it is missing
 * @returns the installed package's folder
 * @throws Error with what npm says, such as of a dependency that it would have to fetch
 */
export async function installPackage(packed: PackedPackage, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'installed', private: true }));
  await npm(folder, ['install', '--offline', '--no-audit', '--no-fund', `--cache=${folder}.cache`, packed.tarball]);
  return join(folder, 'node_modules', 'pulumi-mde');
}

const run = promisify(execFile);

async function npm(cwd: string, args: readonly string[]): Promise<string> {
  // Under `npm run` the settings of that run are in the environment, such as the project's folder.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const options = { cwd, env: Object.fromEntries(inherited), maxBuffer: 2 ** 26 };
  const { stdout } = await run('npm', [...args, '--loglevel=error'], options);
  return stdout;
}
