import { isBuiltin } from 'node:module';
import type { Metafile, Plugin } from 'esbuild';

/**
 * Keeps libraries that are slow to load out of a bundle: they go into a second file beside it, which is loaded when the
 * first of them is needed. Only whole npm packages move, never code of our own, so no class or module-level value of
 * the product exists twice; an import of them is written as ever, and works the same when run from source.
 *
 * A package is loaded where its import is evaluated: so reach it through a dynamic `import()`, of the package itself or
 * of the module of ours that imports it. `loadedAtStart` finds those that are reached without one.
 */
export function lazyLibraries(packages: readonly string[], file: string): Plugin {
  return {
    name: 'lazy-libraries',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, namespace }) => {
        if (namespace === 'lazy' || !packages.includes(path)) return undefined;
        return { path, namespace: 'lazy' };
      });
      build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(file)})[${JSON.stringify(path)}];`,
        loader: 'js',
      }));
      build.onResolve({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** The source of the second file: each package is loaded when it is first asked for. */
export function librariesSource(packages: readonly string[]): string {
  const getters = packages.map(
    (name) => `  get ${JSON.stringify(name)}() { return require(${JSON.stringify(name)}); },`,
  );
  return `module.exports = {\n${getters.join('\n')}\n};\n`;
}

/**
 * The chain of imports by which a lazy library would be loaded at once, for each that is; esbuild's metafile tells
 * static imports from dynamic ones.
 */
export function loadedAtStart(metafile: Metafile, entry: string): readonly string[] {
  const reached = new Map<string, string | undefined>([[entry, undefined]]);
  const queue = [entry];
  const chains: string[] = [];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const imported of metafile.inputs[file]?.imports ?? []) {
      if (imported.external === true || imported.kind === 'dynamic-import' || reached.has(imported.path)) continue;
      if (isBuiltin(imported.path)) continue;
      reached.set(imported.path, file);
      if (imported.path.startsWith('lazy:')) chains.push(chainTo(imported.path, reached));
      queue.push(imported.path);
    }
  }
  return chains;
}

/** Files of packages that two bundles both hold, so that what those keep at run time would exist twice. */
export function packageFilesInBoth(one: Metafile, other: Metafile): readonly string[] {
  return Object.keys(one.inputs).filter((file) => file.startsWith('node_modules/') && file in other.inputs);
}

function chainTo(file: string, reached: ReadonlyMap<string, string | undefined>): string {
  const chain: string[] = [];
  for (let at: string | undefined = file; at !== undefined; at = reached.get(at))
    chain.unshift(at.replace(/^lazy:/, ''));
  return chain.join(' → ');
}
