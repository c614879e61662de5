import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file if it is not there with this content. By rename, so that whoever runs the file at this moment (a test
 * beside a demo) sees the old one or the new one, never a half.
 * @returns whether it was written
 */
export function writeChanged(path: string, content: string | Uint8Array, mode = 0o644): boolean {
  const bytes = Buffer.from(content);
  if (existsSync(path) && (statSync(path).mode & 0o777) === mode && readFileSync(path).equals(bytes)) return false;
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.partial`;
  writeFileSync(beside, bytes, { mode });
  renameSync(beside, path);
  return true;
}
