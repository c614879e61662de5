import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from '../build.ts';
import { checkLayers } from '../layers.ts';

/** One thing that is right or wrong as a whole. */
export interface Check {
  readonly name: string;
  /** @returns what is wrong, for people; undefined where all is well */
  run(root: string): Promise<string | undefined>;
}

export const checks: readonly Check[] = [
  { name: 'lint and format', run: (root) => tool(root, '@biomejs/biome/bin/biome', ['check', '--error-on-warnings']) },
  { name: 'types', run: (root) => tool(root, 'typescript/bin/tsc', ['-p', '.']) },
  {
    name: 'imports point down only',
    run: async (root) => {
      const wrong = checkLayers(root);
      return wrong.length === 0 ? undefined : wrong.join('\n');
    },
  },
  {
    name: 'build',
    run: async (root) => {
      try {
        await build(root);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  },
];

/** Runs the program of a package; what it printed is what is wrong, if its exit code is not 0. */
function tool(root: string, program: string, args: readonly string[]): Promise<string | undefined> {
  const path = createRequire(join(root, 'package.json')).resolve(program);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? undefined : output.trim() || `exit code ${code}`));
  });
}
