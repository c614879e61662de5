import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A copy of the repository's YAML stack, which can be edited as its owner would. */
export class YamlStack {
  readonly folder: string;
  #text: string;

  /** @param root the repository */
  constructor(root: string, folder: string) {
    this.folder = folder;
    mkdirSync(folder);
    const text = readFileSync(join(root, 'Pulumi.yaml'), 'utf8');
    this.#text = replaced(text, 'path: dist/plugin', `path: ${JSON.stringify(join(root, 'dist/plugin'))}`);
    this.#write();
  }

  /** The part of the program that declares the host. */
  get declaration(): readonly string[] {
    return excerpt(this.#text, /^resources:/);
  }

  /** Gives the resource another name, and changes nothing else. */
  rename(from: string, to: string): void {
    this.#text = replaced(this.#text, from, to);
    this.#write();
  }

  #write(): void {
    writeFileSync(join(this.folder, 'Pulumi.yaml'), this.#text);
  }
}

/** A copy of the TypeScript example, with the packages of the repository. */
export class TypeScriptStack {
  readonly folder: string;

  constructor(root: string, folder: string) {
    this.folder = folder;
    const example = join(root, 'examples/typescript');
    // What its owner made of it there, stacks and packages, stays there.
    const left = /^(node_modules|Pulumi\..+\.yaml)$/;
    cpSync(example, folder, { recursive: true, filter: (path) => !left.test(basename(path)) });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  }

  /** The part of the program that declares the host. */
  get declaration(): readonly string[] {
    return excerpt(readFileSync(join(this.folder, 'index.ts'), 'utf8'), /new MachineIsolation\(/);
  }
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the demo does not know this Pulumi.yaml any more: no "${from}" in it`);
  return text.replaceAll(from, to);
}

/** The lines from the one that matches to the next blank one. */
function excerpt(text: string, from: RegExp): readonly string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => from.test(line));
  if (start < 0) return [];
  const length = lines.slice(start).findIndex((line) => line.trim() === '');
  return lines.slice(start, length < 0 ? undefined : start + length);
}
