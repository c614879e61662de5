import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.ts';

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
  const answer = await answered(root, ['pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`]);
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
  await answered(folder, [
    'install',
    '--offline',
    '--no-audit',
    '--no-fund',
    `--cache=${folder}.cache`,
    packed.tarball,
  ]);
  return join(folder, 'node_modules', 'pulumi-mde');
}

async function answered(cwd: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await npm(cwd, args);
  if (code !== 0) throw new Error(`npm ${args[0]} failed: ${stderr}`);
  return stdout;
}
