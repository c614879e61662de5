import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Why a file that was named is not read, beside the codes of Node's own. */
export type FileFault = 'EISDIR' | 'EFBIG' | 'ENOTFILE' | 'ETIMEDOUT';

export interface FileTextOptions {
  /** More than this is not read. */
  readonly mostBytes: number;
  /** Whether a pipe will do, which a shell makes of `<(command)`. */
  readonly pipes?: boolean;
  /** How long nothing may come through a pipe, ms. */
  readonly patienceMs?: number;
}

const defaultPatienceMs = 30_000;
const betweenLooksMs = 20;
const atOnce = 256 * 1024;

/**
 * A file's text, however hostile what stands under that name: a device that never ends fills no memory, and a pipe that
 * nobody writes to holds up nobody.
 * @throws an Error with a code, Node's or a FileFault
 */
export async function readFileText(path: string, options: FileTextOptions): Promise<string> {
  // Opened so, a pipe without a writer is at its end at once. Windows knows neither the flag nor such pipes.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (found.isDirectory()) throw fault('EISDIR');
    if (!found.isFile() && !(found.isFIFO() && options.pipes === true)) throw fault('ENOTFILE');
    // Of what the system makes up as it is read, the size is nothing.
    if (found.size > options.mostBytes) throw fault('EFBIG');
    return await readAll(file, options);
  } finally {
    await file.close();
  }
}

async function readAll(
  file: FileHandle,
  { mostBytes, patienceMs = defaultPatienceMs }: FileTextOptions,
): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  let waitedMs = 0;
  for (;;) {
    const read = await readSome(file);
    if (read === undefined) {
      if (waitedMs >= patienceMs) throw fault('ETIMEDOUT');
      waitedMs += betweenLooksMs;
      await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
      continue;
    }
    if (read.length === 0) return Buffer.concat(parts).toString('utf8');
    waitedMs = 0;
    size += read.length;
    if (size > mostBytes) throw fault('EFBIG');
    parts.push(read);
  }
}

/** What is there now; undefined: nothing yet. Empty at the end. */
async function readSome(file: FileHandle): Promise<Buffer | undefined> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(atOnce), 0, atOnce);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

function fault(code: FileFault): Error {
  return Object.assign(new Error(code), { code });
}
