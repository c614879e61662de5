import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly json: boolean; readonly benches: readonly Bench[] }
  /** `reason` says what is wrong and what would be right. */
  | { readonly kind: 'wrong'; readonly reason: string };

/** What the command line asks for: the benches it names, each once and in the order of the list, or all of them. */
export function readArguments(args: readonly string[], benches: readonly Bench[]): Request {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { kind: 'wrong', reason: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals: names } = parsed;
  if (values.help) return { kind: 'help' };
  const unknown = names.filter((name) => benches.every((bench) => bench.name !== name));
  if (unknown.length > 0) {
    const known = benches.map((bench) => bench.name).join(', ');
    return { kind: 'wrong', reason: `there is no bench named ${unknown.join(', ')}; there are: ${known}` };
  }
  const named = benches.filter((bench) => names.length === 0 || names.includes(bench.name));
  return { kind: 'run', json: values.json, benches: named };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
}
