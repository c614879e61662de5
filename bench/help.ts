import type { Bench } from './bench.ts';

export function helpText(benches: readonly Bench[]): string {
  const described = benches.map(({ name, about, measures }) => {
    const keys = measures.map((measure) => `    ${measure.key}: ${measure.about}`);
    return [`  ${name}: ${about}`, ...keys].join('\n');
  });
  return `Usage: npm run bench -- [--json] [NAME …]

Measures the benches that are named, or all of them, and prints a table. Progress goes to standard error.

Options:
  --json   print one JSON object a line on standard output, each with "name", and nothing else there
  --help   print this

Milliseconds are of this machine as busy as it is now; what holds elsewhere are ratios and counts.

Benches and what they measure:
${described.join('\n')}

Exit code: 0, 1 where a bench could not measure what it should, 2 for a wrong argument, 130 after Ctrl-C.
`;
}
