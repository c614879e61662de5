import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package whose code is in a bundle, and what must be handed on with it. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Licence, copyright and notices as the package brings them, with `\n` as line end. */
  readonly text: string;
}

/** Licences whose code may be in the bundles: their texts are all that they ask to be handed on. */
const allowedLicenses = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]);

/**
 * Packages that bring no licence text, and the package of the same repository that brings it; that it is the same
 * repository is checked.
 */
const textFromSibling: Readonly<Record<string, string>> = { 'proxy-agent-negotiate': 'http-proxy-agent' };

const licenseFile = /^(licen[cs]e|copying|notice|copyright ?notice|third-?party-?notices?)/i;

/**
 * Every package of which code stands in one of the bundles, by name and version.
 * @param root what the metafiles' paths start at
 * @throws Error with a line for each package without a licence text, or under a licence that is not allowed
 */
export function bundledPackages(root: string, metafiles: readonly Metafile[]): readonly BundledPackage[] {
  const packages: BundledPackage[] = [];
  const wrong: string[] = [];
  for (const folder of packageFolders(metafiles)) {
    const { name, version, license } = manifestOf(root, folder);
    if (!isAllowed(license)) {
      wrong.push(`${name} ${version} (${folder}) is under ${license || 'no licence that its package.json names'}`);
      continue;
    }
    const text = licenseText(root, folder, name);
    if (text === undefined) wrong.push(`${name} ${version} (${folder}) brings no licence text`);
    else packages.push({ name, version, license, text });
  }
  if (wrong.length > 0) {
    throw new Error(
      `the bundles would hold code that may not be handed on as it is; bring it in another way, or see tools/build/notices.ts:\n  ${wrong.join('\n  ')}`,
    );
  }
  return packages.sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** The text of THIRD-PARTY-NOTICES: all packages on a list, then each licence text once. */
export function noticesText(packages: readonly BundledPackage[]): string {
  const lines = packages.map(({ name, version, license }) => `${name} ${version} (${license})`);
  // One package may be in several folders in one version.
  const sections = Map.groupBy(packages, ({ text }) => text).entries();
  const texts = [...sections].map(([text, under]) => {
    const names = [...new Set(under.map(({ name, version }) => `${name} ${version}`))];
    return `${'='.repeat(80)}\n\n${names.join('\n')}\n\n${'-'.repeat(80)}\n\n${text}\n`;
  });
  return [
    'THIRD-PARTY NOTICES',
    'The files of this package hold code of the packages on this list, each under the licence that is named. The texts\nof the licences follow.',
    [...new Set(lines)].join('\n'),
    texts.join('\n'),
  ].join('\n\n');
}

/** Folders of packages, from the root, of which something stands in a bundle. */
function packageFolders(metafiles: readonly Metafile[]): readonly string[] {
  const folders = new Set<string>();
  for (const { outputs } of metafiles) {
    for (const [file, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
      // The last one: a package may lie in the node_modules of another.
      const [folder] = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
      if (bytesInOutput > 0 && folder !== undefined) folders.add(folder);
    }
  }
  return [...folders];
}

function manifestOf(root: string, folder: string): { name: string; version: string; license: string; source: string } {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: unknown;
    repository?: string | { url?: string };
  };
  const { name, version, license, repository } = manifest;
  return {
    name,
    version,
    license: typeof license === 'string' ? license : '',
    source: (typeof repository === 'string' ? repository : repository?.url) ?? '',
  };
}

/** Alternatives (`OR`) are none of it: nobody has chosen. */
function isAllowed(license: string): boolean {
  return license
    .replace(/^\((.*)\)$/, '$1')
    .split(' AND ')
    .every((each) => allowedLicenses.has(each));
}

function licenseText(root: string, folder: string, name: string): string | undefined {
  const files = readdirSync(join(root, folder)).sort(compare);
  const own = files
    .filter((file) => licenseFile.test(file))
    .map((file) => tidy(readFileSync(join(root, folder, file), 'utf8')));
  if (own.length > 0) return own.join('\n\n');
  const readme = files.find((file) => /^readme(\.md)?$/i.test(file));
  const told = readme === undefined ? undefined : licenseSection(readFileSync(join(root, folder, readme), 'utf8'));
  if (told !== undefined) return told;
  const sibling = textFromSibling[name];
  if (sibling === undefined) return undefined;
  const place = `node_modules/${sibling}`;
  const source = manifestOf(root, folder).source;
  return source !== '' && source === manifestOf(root, place).source ? licenseText(root, place, sibling) : undefined;
}

/** The section of a README that is headed "License", where it holds a licence and not only its name. */
function licenseSection(readme: string): string | undefined {
  const [, section] =
    /^(?:#+ *licen[cs]e *#*\n|licen[cs]e *\n[-=]+\n)((?:(?!^#|^.+\n[-=]{3,}$).*\n?)*)/im.exec(tidy(readme)) ?? [];
  if (section === undefined || !/permission is hereby granted|redistribution and use/i.test(section)) return undefined;
  const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
  // Markdown's link targets stand at the end of such a file and belong to the rest of it.
  return tidy(section.replace(/^\[[^\]]+\]: .*$/gm, '').replace(/&(?:lt|gt|amp);/g, (each) => entities[each] ?? each));
}

function tidy(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
