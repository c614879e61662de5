import { readArguments } from './arguments.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { helpText } from './help.ts';
import { table } from './table.ts';

/** What the benches need of the process; everything but `prepare` is for tests to replace. */
export interface BenchPorts {
  readonly root: string;
  readonly signal: AbortSignal;
  /** Results: standard output. */
  readonly print: (text: string) => void;
  /** Progress and errors: standard error. */
  readonly say: (text: string) => void;
  /** Makes ready what the benches measure; called once, before the first of them. */
  readonly prepare: () => Promise<void>;
}

/**
 * Runs what the arguments ask for. A bench that fails does not stop the others.
 * @returns the exit code
 */
export async function runBenches(
  args: readonly string[],
  benches: readonly Bench[],
  ports: BenchPorts,
): Promise<number> {
  const request = readArguments(args, benches);
  switch (request.kind) {
    case 'help':
      ports.print(helpText(benches));
      return 0;
    case 'wrong':
      ports.say(`${request.reason}\nSee npm run bench -- --help.\n`);
      return 2;
    case 'run':
      return await measure(request.benches, request.json, ports);
  }
}

async function measure(benches: readonly Bench[], json: boolean, ports: BenchPorts): Promise<number> {
  const { signal } = ports;
  try {
    await ports.prepare();
  } catch (error) {
    ports.say(`${reason(error)}\n`);
    return 1;
  }
  let code = 0;
  for (const bench of benches) {
    const context: BenchContext = { ...ports, say: (progress) => ports.say(`${bench.name}: ${progress}\n`) };
    const rows: Row[] = [];
    try {
      signal.throwIfAborted();
      for await (const row of bench.run(context)) {
        rows.push(row);
        // At once: what was measured is not lost where a later row fails.
        if (json) ports.print(`${JSON.stringify({ name: bench.name, ...row })}\n`);
      }
    } catch (error) {
      if (signal.aborted) {
        ports.say('Ended before its end; everything is removed.\n');
        return 130;
      }
      ports.say(`${bench.name} failed: ${reason(error)}\n`);
      code = 1;
    }
    if (!json && rows.length > 0) ports.print(`${table(bench, rows)}\n\n`);
  }
  return code;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
