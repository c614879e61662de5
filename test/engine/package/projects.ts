import { copyFileSync, cpSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackKind, Toolchain } from './kinds.ts';

/** Folders of tools/stacks that a toolchain is made of, by what they are called in a project. */
const compilers: Readonly<Record<Toolchain, Readonly<Record<string, string>>>> = {
  none: {},
  'TypeScript 5.9': { typescript: 'typescript' },
  'TypeScript 5.9 and ts-node 10': { typescript: 'typescript', 'ts-node': 'ts-node' },
  'TypeScript 6': { typescript: 'typescript-6' },
};

/** Where projects are made whose packages are really installed: Pulumi looks for a compiler from where it lies itself. */
export class Projects {
  readonly #folder: string;
  readonly #packages: string;
  readonly #installed: string;
  readonly #made = new Set<Toolchain>();

  /**
   * @param folder where they are put
   * @param packages node_modules of tools/stacks
   * @param installed the folder of the installed package
   */
  constructor(folder: string, packages: string, installed: string) {
    this.#folder = folder;
    this.#packages = packages;
    this.#installed = installed;
  }

  /** A project of this kind with a program of its own, and the plugin by its path in the installed package. */
  make(kind: StackKind, program: string): string {
    const folder = join(this.#folder, kind.name);
    mkdirSync(folder);
    symlinkSync(this.#nodeModules(kind.toolchain), join(folder, 'node_modules'));
    const describe = (file: string, content: unknown) => writeFileSync(join(folder, file), JSON.stringify(content));
    const { name, main, module, compilerOptions } = kind;
    describe('package.json', { name, main, ...(module === true && { type: 'module' }) });
    describe('Pulumi.yaml', { name, runtime: 'nodejs', plugins: pluginByPath });
    if (compilerOptions !== undefined) describe('tsconfig.json', { compilerOptions });
    this.write(kind, program);
    return folder;
  }

  /** Puts another program in the place of the one that is there. */
  write({ name, main }: StackKind, program: string): void {
    writeFileSync(join(this.#folder, name, main), program);
  }

  /** One for all projects of a toolchain; it lies beside them, so that Node follows the link into a node_modules. */
  #nodeModules(toolchain: Toolchain): string {
    const to = join(this.#folder, toolchain, 'node_modules');
    if (this.#made.has(toolchain)) return to;
    this.#made.add(toolchain);
    const own = Object.values(compilers).flatMap((each) => Object.values(each));
    for (const entry of readdirSync(this.#packages)) {
      if (!entry.startsWith('.') && !own.includes(entry)) linkTree(join(this.#packages, entry), join(to, entry));
    }
    for (const [name, from] of Object.entries(compilers[toolchain])) {
      linkTree(join(this.#packages, from), join(to, name));
    }
    cpSync(this.#installed, join(to, 'pulumi-mde'), { recursive: true });
    return to;
  }
}

/** As a user names the plugin who has the npm package. */
export const pluginByPath = { providers: [{ name: 'mde', path: 'node_modules/pulumi-mde/dist/plugin' }] };

/** A copy that takes no space: the packages are large, and nobody writes into them. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isFile()) linkFile(source, target);
  }
}

function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // The cache may lie on another file system than temporary files.
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
