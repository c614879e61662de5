import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from '../build.ts';
import { checkLayers } from '../layers.ts';
import { ensureActionlint } from '../setup/actionlint.mjs';

/** What a check found: `wrong` and `because` are for people. */
export type Finding =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly wrong: string }
  | { readonly kind: 'skipped'; readonly because: string };

/** One thing that is right or wrong as a whole. */
export interface Check {
  readonly name: string;
  run(root: string): Promise<Finding>;
}

const right: Finding = { kind: 'right' };

export const checks: readonly Check[] = [
  { name: 'lint and format', run: (root) => tool(root, '@biomejs/biome/bin/biome', ['check', '--error-on-warnings']) },
  { name: 'types', run: (root) => tool(root, 'typescript/bin/tsc', ['-p', '.']) },
  {
    name: 'imports point down only',
    run: async (root) => {
      const wrong = checkLayers(root);
      return wrong.length === 0 ? right : { kind: 'wrong', wrong: wrong.join('\n') };
    },
  },
  {
    name: 'build',
    run: async (root) => {
      try {
        await build(root);
        return right;
      } catch (error) {
        return { kind: 'wrong', wrong: error instanceof Error ? error.message : String(error) };
      }
    },
  },
  { name: 'workflows of the examples', run: lintWorkflows },
];

async function lintWorkflows(root: string): Promise<Finding> {
  const { program, because } = await ensureActionlint({ root, env: process.env });
  if (program === undefined) return { kind: 'skipped', because };
  const files = globSync('examples/*/.github/workflows/*.yml', { cwd: root }).sort();
  // What else a machine may have, shellcheck or pyflakes, would make its finding another than the next machine's.
  return await run(root, program, ['-no-color', '-shellcheck=', '-pyflakes=', ...files]);
}

/** Runs the program of a package. */
function tool(root: string, program: string, args: readonly string[]): Promise<Finding> {
  const path = createRequire(join(root, 'package.json')).resolve(program);
  return run(root, process.execPath, [path, ...args]);
}

/** Runs a program; what it printed is what is wrong, if its exit code is not 0. */
function run(root: string, program: string, args: readonly string[]): Promise<Finding> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (error) => resolve({ kind: 'wrong', wrong: error.message }));
    child.once('close', (code) =>
      resolve(code === 0 ? right : { kind: 'wrong', wrong: output.trim() || `exit code ${code}` }),
    );
  });
}
