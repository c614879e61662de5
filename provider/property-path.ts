export { formatPath, type PropertyPath } from './manifest/property-path.ts';

/** The top-level property of a path in Pulumi's writing; the engine wants it named beside each detailed difference. */
export function rootOfPath(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  if (quoted) return quoted[1]?.replace(/\\(.)/g, '$1') ?? path;
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
