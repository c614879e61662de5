import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundledPackage } from './build/notices.ts';
import { writeChanged } from './build/write-changed.ts';
import { shippedPackages } from './build.ts';
import { isMain } from './is-main.ts';
import { npm } from './npm.ts';

/** Where it is written, from the root. */
export const sbomFile = 'dist/sbom.cdx.json';

/** What is read of a CycloneDX document; the rest is npm's, and goes through as it is. */
export interface Bom {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** What is to us a tool of development is a part of what ships: nothing is installed beside the bundles. */
const isMarkedDevelopment = 'cdx:npm:package:development';

/**
 * Of npm's list of everything that is installed here, the packages of which code ships: the same bytes for the same lock
 * file, sources and npm.
 * @param all as `npm sbom` writes it
 * @throws Error naming a package that ships and is not on npm's list
 */
export function shippedBom(all: Bom, shipped: readonly Pick<BundledPackage, 'name' | 'version'>[], name: string): Bom {
  const wanted = new Set(shipped.map((each) => `${each.name}@${each.version}`));
  const parts = new Map(all.components.map((component) => [component['bom-ref'], component]));
  const missing = [...wanted].filter((ref) => !parts.has(ref));
  if (missing.length > 0) throw new Error(`not in the lock file, but in a bundle: ${missing.join(', ')}`);
  const root = all.metadata.component['bom-ref'];
  const { timestamp: _, ...metadata } = all.metadata;
  const { serialNumber: __, ...rest } = all;
  const bom = {
    ...rest,
    // npm names it after the folder that it lies in.
    metadata: { ...metadata, component: { ...metadata.component, name } },
    components: [...wanted].sort().map((ref) => asShipped(parts.get(ref) as Component)),
    dependencies: all.dependencies
      .filter(({ ref }) => ref === root || wanted.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => wanted.has(each)).sort() }))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
  return { ...bom, serialNumber: serialOf(JSON.stringify(bom)) };
}

function asShipped(component: Component): Component {
  const { properties = [], ...rest } = component;
  return { ...rest, properties: properties.filter((each) => each.name !== isMarkedDevelopment) };
}

/** A UUID (RFC 9562, version 8) that only another content changes. */
function serialOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

/**
 * Writes the software bill of materials (CycloneDX 1.5) of what ships.
 * @returns how many packages it names
 * @throws Error with what npm says
 */
export async function writeSbom(root: string): Promise<number> {
  const [shipped, listed] = await Promise.all([
    shippedPackages(root),
    npm(root, ['sbom', '--sbom-format=cyclonedx', '--package-lock-only']),
  ]);
  if (listed.code !== 0) throw new Error(`npm sbom failed: ${listed.stderr.trim() || `exit code ${listed.code}`}`);
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string };
  const bom = shippedBom(JSON.parse(listed.stdout) as Bom, shipped, name);
  writeChanged(join(root, sbomFile), `${JSON.stringify(bom, undefined, 2)}\n`);
  return bom.components.length;
}

if (isMain(import.meta.url)) {
  try {
    const count = await writeSbom(dirname(dirname(fileURLToPath(import.meta.url))));
    console.log(`${sbomFile}: ${count} packages in what ships`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
