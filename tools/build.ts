import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build as bundle, type Metafile } from 'esbuild';
import { readSchema } from '../schema/schema-document.ts';
import { declarations } from '../schema/write-declarations.ts';
import { pluginDeclarations, pluginModule } from '../schema/write-plugin-module.ts';
import { lazyLibraries, librariesSource, loadedAtStart, packageFilesInBoth } from './build/lazy-libraries.ts';
import { type BundledPackage, bundledPackages, noticesText } from './build/notices.ts';
import { commandShim, shellShim } from './build/shims.ts';
import { writeChanged } from './build/write-changed.ts';
import { isMain } from './is-main.ts';

/**
 * What the plugin needs only once it signs in to the service, or reads a manifest: together they cost as much to load as
 * all the rest, and the engine waits for the plugin's port meanwhile. The logger is here since it must be the one that
 * the credentials use.
 */
const lazyPackages = [
  '@azure/identity',
  '@azure/logger',
  '@azure/core-rest-pipeline',
  'axios',
  'yaml',
  'ajv/dist/2020.js',
];

/** Entries, from the repository's root, and what becomes of them. */
const plugin = {
  entry: 'provider/plugin/main.ts',
  to: 'dist/plugin/pulumi-resource-mde.cjs',
  libraries: 'dist/plugin/libraries.cjs',
};
/** The command line and the dynamic provider read the plugin's second file too, so that the package holds it once. */
const sharedLibraries = './plugin/libraries.cjs';
const cli = { entry: 'cli/main.ts', to: 'dist/cli.cjs' };
const modules = [
  { entry: 'provider/dynamic/index.ts', to: 'dist/index.cjs' },
  { entry: 'provider/dynamic/provider.ts', to: 'dist/dynamic-provider.cjs' },
];
/** The licences of all code in the bundles that is not ours. */
const notices = 'dist/THIRD-PARTY-NOTICES';

/** Node 22 is what Pulumi asks of a stack; published code is CommonJS, which every kind of stack can load. */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  write: false,
  metafile: true,
  logLevel: 'silent',
  // In CommonJS an `import()` of something outside the bundle becomes a `require` at that place.
  supported: { 'dynamic-import': false },
} satisfies BuildOptions;

/** What one of the builders made. */
interface Built {
  /** The files, relative to the root. */
  readonly files: readonly string[];
  /** What stands in those that are bundles. */
  readonly metafiles: readonly Metafile[];
}

/**
 * Writes `dist/`: the plugin with its start scripts, the command line, the modules of the npm package, and the licences of what
 * they hold. Takes well under 2 s and writes only what changed, so demo, tests and benches simply call it first.
 * @returns the files, relative to the root
 * @throws Error with esbuild's messages, or naming a slow library that the plugin would load at its start, a package that
 *   it would hold twice, or one whose licence does not let it be handed on
 */
export async function build(root: string): Promise<readonly string[]> {
  const { files, packages } = await buildBundles(root);
  return [...files, ...writeTypes(root), ...writePluginModule(root), write(root, notices, noticesText(packages))];
}

/** Every package of which code is in what ships, by name and version. Writes the bundles. */
export async function shippedPackages(root: string): Promise<readonly BundledPackage[]> {
  return (await buildBundles(root)).packages;
}

async function buildBundles(
  root: string,
): Promise<{ readonly files: readonly string[]; readonly packages: readonly BundledPackage[] }> {
  const built = await Promise.all([
    buildPlugin(root),
    buildCli(root),
    ...modules.map((module) => buildModule(root, module)),
  ]);
  const metafiles = built.flatMap((each) => each.metafiles);
  return { files: built.flatMap(({ files }) => files), packages: bundledPackages(root, metafiles) };
}

async function buildPlugin(root: string): Promise<Built> {
  const [main, libraries] = await Promise.all([
    bundle({
      ...common,
      absWorkingDir: root,
      entryPoints: [plugin.entry],
      plugins: [lazyLibraries(lazyPackages, `./${plugin.libraries.split('/').at(-1)}`)],
    }),
    bundle({
      ...common,
      absWorkingDir: root,
      stdin: { contents: librariesSource(lazyPackages), resolveDir: root, sourcefile: 'libraries.js', loader: 'js' },
      // A third less. Only what is not ours: the lines of a stack trace are to be readable in our own.
      minifyWhitespace: true,
      minifySyntax: true,
    }),
  ]);
  refuseEarly('the plugin', loadedAtStart(main.metafile, plugin.entry));
  const twice = packageFilesInBoth(main.metafile, libraries.metafile);
  if (twice.length > 0) {
    throw new Error(
      `both files of the plugin would hold a copy of a package; name it among the lazy ones:\n  ${twice.join('\n  ')}`,
    );
  }
  const folder = dirname(plugin.to);
  const files = [
    write(root, plugin.to, onlyOutput(main.outputFiles)),
    write(root, plugin.libraries, onlyOutput(libraries.outputFiles)),
    write(root, `${folder}/pulumi-resource-mde`, shellShim, 0o755),
    write(root, `${folder}/pulumi-resource-mde.cmd`, commandShim),
  ];
  return { files, metafiles: [main.metafile, libraries.metafile] };
}

async function buildCli(root: string): Promise<Built> {
  const { metafile, outputFiles } = await bundle({
    ...common,
    absWorkingDir: root,
    entryPoints: [cli.entry],
    banner: { js: '#!/usr/bin/env node' },
    plugins: [lazyLibraries(lazyPackages, sharedLibraries)],
  });
  refuseEarly('the command line', loadedAtStart(metafile, cli.entry));
  return { files: [write(root, cli.to, onlyOutput(outputFiles), 0o755)], metafiles: [metafile] };
}

function refuseEarly(what: string, chains: readonly string[]): void {
  if (chains.length === 0) return;
  throw new Error(
    `${what} would load a slow library at its start; reach it by a dynamic import() instead:\n  ${chains.join('\n  ')}`,
  );
}

async function buildModule(root: string, { entry, to }: { entry: string; to: string }): Promise<Built> {
  const { metafile, outputFiles } = await bundle({
    ...common,
    absWorkingDir: root,
    entryPoints: [entry],
    // The stack's own, one for the program and us: its classes are compared by identity.
    external: ['@pulumi/pulumi', '@pulumi/pulumi/*'],
    plugins: [lazyLibraries(lazyPackages, sharedLibraries)],
  });
  return { files: [write(root, to, onlyOutput(outputFiles))], metafiles: [metafile] };
}

function writeTypes(root: string): readonly string[] {
  return writeDeclarations(root, 'dist/index', declarations(readSchema()));
}

/** `pulumi-mde/plugin`, made from the schema. */
function writePluginModule(root: string): readonly string[] {
  const schema = readSchema();
  return [
    write(root, 'dist/plugin.cjs', pluginModule(schema)),
    ...writeDeclarations(root, 'dist/plugin', pluginDeclarations(schema)),
  ];
}

/** The same file under both names: which one a compiler asks for depends on how it resolves modules. */
function writeDeclarations(root: string, module: string, text: string): readonly string[] {
  return [`${module}.d.ts`, `${module}.d.cts`].map((path) => write(root, path, text));
}

function onlyOutput(files: readonly { readonly contents: Uint8Array }[]): Uint8Array {
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new Error(`one output file was expected, ${files.length} were made`);
  return file.contents;
}

function write(root: string, path: string, content: string | Uint8Array, mode?: number): string {
  writeChanged(join(root, path), content, mode);
  return path;
}

if (isMain(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const started = performance.now();
  try {
    const written = await build(root);
    console.log(`built ${written.join(', ')} in ${Math.round(performance.now() - started)} ms`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
