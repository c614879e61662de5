import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of `examples/gitops`, what a stack needs; the pipelines beside it are of no use here. */
const files = ['Pulumi.yaml', '.gitignore'];

/** A copy of the pipelines' example, with a manifest of its own and the package of this repository. */
export class FleetStack {
  readonly folder: string;
  /** Where `pulumi-mde` lies, as npm would put it. */
  readonly bin: string;

  /** @param root the repository */
  constructor(root: string, folder: string) {
    this.folder = folder;
    const modules = join(folder, 'node_modules');
    this.bin = join(modules, '.bin');
    mkdirSync(this.bin, { recursive: true });
    for (const file of files) cpSync(join(root, 'examples/gitops', file), join(folder, file));
    symlinkSync(root, join(modules, 'pulumi-mde'));
    symlinkSync(join(root, 'dist/cli.cjs'), join(this.bin, 'pulumi-mde'));
  }

  /** The part of the program that declares the fleet. */
  get declaration(): readonly string[] {
    const lines = readFileSync(join(this.folder, 'Pulumi.yaml'), 'utf8').split('\n');
    const start = lines.findIndex((line) => line.startsWith('resources:'));
    const end = lines.findIndex((line, index) => index > start && line.includes('fn::readFile'));
    return lines.slice(start, end + 1).filter((line) => !line.trim().startsWith('#'));
  }

  /** Writes quarantine.yaml; answers its first lines. */
  write(manifest: ManifestOfFleet): readonly string[] {
    const text = manifestText(manifest);
    writeFileSync(join(this.folder, 'quarantine.yaml'), text);
    return text.split('\n');
  }
}

export interface ManifestOfFleet {
  readonly comment: string;
  readonly hosts: readonly string[];
  /** As a refusal printed it. */
  readonly allowReleases?: string;
}

export function manifestText({ comment, hosts, allowReleases }: ManifestOfFleet): string {
  return [
    '# yaml-language-server: $schema=./node_modules/pulumi-mde/schema/quarantine.schema.json',
    'version: 1',
    `comment: ${comment}`,
    ...(allowReleases === undefined ? [] : [`guardrails: { allowReleases: "${allowReleases}" }`]),
    'hosts:',
    ...hosts.map((name) => `  - deviceName: ${name}`),
    '',
  ].join('\n');
}
