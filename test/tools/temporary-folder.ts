import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for one test file's use. */
export interface TemporaryFolder {
  readonly path: string;
  /** Writes a file, its folders made. */
  write(name: string, content: string): string;
  /** Writes a shell script that can be run. */
  script(name: string, ...lines: readonly string[]): string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'mde-tools-')));
  const write = (name: string, content: string) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return {
    path,
    write,
    script: (name, ...lines) => {
      const file = write(name, `#!/bin/sh\n${lines.join('\n')}\n`);
      chmodSync(file, 0o755);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Where the ordinary tools of a test's scripts lie, without whatever else is on PATH here. */
export const plainPath = '/usr/bin:/bin';

/** What a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
