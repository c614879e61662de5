import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The modules the engine is built from; two, since the Node language host needs versions that conflict with the engine's. */
export const engineModules = ['pulumi', 'nodejs'];

/**
 * The versions that the committed go.mod pins.
 * @param {string} root
 * @returns {{ pulumi: string, yaml: string }} with a leading v
 */
export function pinnedVersions(root) {
  const text = readFileSync(join(root, 'tools', 'engine', 'pulumi', 'go.mod'), 'utf8');
  return {
    pulumi: pinned(text, 'github.com/pulumi/pulumi/pkg/v3'),
    yaml: pinned(text, 'github.com/pulumi/pulumi-yaml'),
  };
}

/**
 * Names what a build of the pinned modules gives; another pin, or another platform, is another engine.
 * @param {string} root
 * @returns {string} `3.259.0-linux-x64-0123456789ab`
 */
export function buildKey(root) {
  const digest = createHash('sha256');
  for (const module of engineModules) {
    for (const file of ['go.mod', 'go.sum']) digest.update(readFileSync(join(root, 'tools', 'engine', module, file)));
  }
  const version = pinnedVersions(root).pulumi.slice(1);
  return `${version}-${process.platform}-${process.arch}-${digest.digest('hex').slice(0, 12)}`;
}

/**
 * @param {string} text
 * @param {string} module
 */
function pinned(text, module) {
  const line = text.split('\n').find((candidate) =>
    candidate
      .trim()
      .replace(/^require /, '')
      .startsWith(`${module} v`),
  );
  const version = line
    ?.trim()
    .replace(/^require /, '')
    .split(' ')[1];
  if (version === undefined) throw new Error(`tools/engine/pulumi/go.mod does not pin ${module}`);
  return version;
}
