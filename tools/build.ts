import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build as bundle } from 'esbuild';
import { readSchema } from '../schema/schema-document.ts';
import { declarations } from '../schema/write-declarations.ts';
import { pluginDeclarations, pluginModule } from '../schema/write-plugin-module.ts';
import { lazyLibraries, librariesSource, loadedAtStart, packageFilesInBoth } from './build/lazy-libraries.ts';
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
/** The command line reads the plugin's second file too: a sign-in is a sign-in. */
const cli = { entry: 'cli/main.ts', to: 'dist/cli.cjs', libraries: './plugin/libraries.cjs' };
const modules = [
  { entry: 'provider/dynamic/index.ts', to: 'dist/index.cjs' },
  { entry: 'provider/dynamic/provider.ts', to: 'dist/dynamic-provider.cjs' },
];

/** Node 20 is what stacks may still run on; published code is CommonJS, which every kind of stack can load. */
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

/**
 * Writes `dist/`: the plugin with its start scripts, the command line, and the modules of the npm package. Takes well under 2 s and
 * writes only what changed, so demo, tests and benches simply call it first.
 * @returns the files, relative to the root
 * @throws Error with esbuild's messages, or naming a slow library that the plugin would load at its start, or a package
 *   that it would hold twice
 */
export async function build(root: string): Promise<readonly string[]> {
  const outputs = await Promise.all([
    buildPlugin(root),
    buildCli(root),
    ...modules.map((module) => buildModule(root, module)),
    writeTypes(root),
    writePluginModule(root),
  ]);
  return outputs.flat();
}

async function buildPlugin(root: string): Promise<readonly string[]> {
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
  return [
    write(root, plugin.to, onlyOutput(main.outputFiles)),
    write(root, plugin.libraries, onlyOutput(libraries.outputFiles)),
    write(root, `${folder}/pulumi-resource-mde`, shellShim, 0o755),
    write(root, `${folder}/pulumi-resource-mde.cmd`, commandShim),
  ];
}

async function buildCli(root: string): Promise<readonly string[]> {
  const { metafile, outputFiles } = await bundle({
    ...common,
    absWorkingDir: root,
    entryPoints: [cli.entry],
    banner: { js: '#!/usr/bin/env node' },
    plugins: [lazyLibraries(lazyPackages, cli.libraries)],
  });
  refuseEarly('the command line', loadedAtStart(metafile, cli.entry));
  return [write(root, cli.to, onlyOutput(outputFiles), 0o755)];
}

function refuseEarly(what: string, chains: readonly string[]): void {
  if (chains.length === 0) return;
  throw new Error(
    `${what} would load a slow library at its start; reach it by a dynamic import() instead:\n  ${chains.join('\n  ')}`,
  );
}

async function buildModule(root: string, { entry, to }: { entry: string; to: string }): Promise<readonly string[]> {
  const { outputFiles } = await bundle({
    ...common,
    absWorkingDir: root,
    entryPoints: [entry],
    // The stack's own, one for the program and us: its classes are compared by identity.
    external: ['@pulumi/pulumi', '@pulumi/pulumi/*'],
  });
  return [write(root, to, onlyOutput(outputFiles))];
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
