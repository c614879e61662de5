import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** What runs the demo and the tests: the engine, the hosts of YAML and TypeScript stacks, and the host of dynamic providers. */
export const engineParts = [
  'pulumi',
  'pulumi-language-yaml',
  'pulumi-language-nodejs',
  'pulumi-resource-pulumi-nodejs',
];

/**
 * @param {string} bin
 * @returns {boolean} whether the folder holds every part
 */
export function isEngine(bin) {
  return engineParts.every((part) => isExecutable(join(bin, part)));
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
