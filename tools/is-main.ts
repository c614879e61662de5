import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether a module (by its `import.meta.url`) is the program that was started, links followed. */
export function isMain(url: string): boolean {
  const [, program] = process.argv;
  return program !== undefined && realpathSync(program) === fileURLToPath(url);
}
