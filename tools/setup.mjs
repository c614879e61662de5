// Brings what a fresh machine lacks, then runs a command with it. Runs on Node 20 or newer, without any package.
//
//   node tools/setup.mjs --for demo|test|bench|plugin|check [-- COMMAND ARGUMENT…]

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureEngine } from './setup/engine.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { ensureNode, firstOnPath, withNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { runCommand } from './setup/run-command.mjs';
import { say } from './setup/say.mjs';

/** What each use needs beside Node and the npm packages. */
const uses = {
  demo: { engine: true },
  test: { engine: true },
  bench: { engine: true },
  plugin: { engine: false },
  check: { engine: false },
};

/**
 * @param {readonly string[]} args
 * @returns {{ use: { engine: boolean }, command: readonly string[] }}
 */
function readArguments(args) {
  const [flag, name = '', separator, ...command] = args;
  if (flag !== '--for' || !Object.hasOwn(uses, name) || (separator !== undefined && separator !== '--')) {
    throw new SetupFailure(`usage: node tools/setup.mjs --for ${Object.keys(uses).join('|')} [-- COMMAND ARGUMENT…]`);
  }
  return { use: uses[/** @type {keyof typeof uses} */ (name)], command };
}

async function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { use, command } = readArguments(process.argv.slice(2));
  let env = process.env;
  await ensurePackages({ root, env });
  env = withNode(env, await ensureNode({ root, env }));
  if (use.engine) {
    const engine = await ensureEngine({ root, env });
    env = { ...(engine.onPath ? env : firstOnPath(env, engine.bin)), PULUMI_MDE_ENGINE_BIN: engine.bin };
  }
  const [program, ...args] = command;
  if (program !== undefined) return await runCommand(program, args, env);
  say('everything is in place');
}

main().catch((error) => {
  if (!(error instanceof SetupFailure)) throw error;
  say(error.message);
  process.exitCode = 1;
});
