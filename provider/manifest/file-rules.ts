import type { Judged } from './host-rules.ts';
import { shown } from './shown.ts';

/** What other hashes are, by their number of hexadecimal digits. */
const otherHashes: Readonly<Record<number, string>> = { 32: 'an MD5', 64: 'a SHA-256' };

/** SHA-1 of a file, in lower case: the one hash by which Defender quarantines. */
export function judgeSha1(given: unknown): Judged<string> {
  const value = typeof given === 'string' ? given.trim().toLowerCase() : '';
  if (/^[0-9a-f]{40}$/.test(value)) return { value };
  if (given === undefined) return { problem: 'is missing: the SHA-1 of the file, 40 hex digits' };
  if (typeof given === 'number')
    return { problem: `is the number ${given}, which has lost digits; put quotes around the SHA-1` };
  const other = /^[0-9a-f]+$/.test(value) ? otherHashes[value.length] : undefined;
  const isA =
    other === undefined
      ? 'is no SHA-1: 40 hex digits'
      : `is ${other}; Defender quarantines by the SHA-1 only (40 hex digits)`;
  return {
    problem: `"${shown(given)}" ${isA}. The file's page in the Defender portal tells it, and so does Get-FileHash -Algorithm SHA1 in PowerShell`,
  };
}
