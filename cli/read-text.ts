import { longestText } from '../provider/manifest/limits.ts';
import type { CliPorts } from './ports.ts';

/** As much as the longest manifest takes in UTF-8. */
export const mostBytesOfFile = 4 * longestText;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder; name the file',
  EFBIG: `it is larger than ${mostBytesOfFile / 1024 / 1024} MiB; split it over several manifests`,
  ENOTFILE: 'it is no file, but a device or the like',
  ETIMEDOUT: 'nothing came through this pipe',
};

/** The text of a file, or why it cannot be had. */
export async function readText(
  path: string,
  ports: Pick<CliPorts, 'readFile'>,
): Promise<{ readonly text: string } | { readonly failure: string }> {
  try {
    return { text: await ports.readFile(path) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { failure: `the file cannot be read: ${reasons[code] ?? (code || 'unknown reason')}` };
  }
}
