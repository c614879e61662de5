import { expect } from 'chai';
import fc from 'fast-check';
import type { CliPorts } from '../../cli/ports.ts';
import { runCli } from '../../cli/run-cli.ts';
import { jsonText, shown } from '../../cli/safe-text.ts';
import { table } from '../../cli/table.ts';
import { formatFindings } from '../../cli/validate/findings.ts';
import { DefenderError } from '../../provider/defender/errors.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import { printable, printableLine } from '../../provider/printable.ts';
import { Redaction } from '../../provider/redaction.ts';
import { nearlyManifest, whole } from './manifests.ts';
import { target } from './target.ts';
import { acting, anyText, namesOfObjects } from './texts.ts';

const words = [
  ...['validate', 'status', 'release', ...namesOfObjects, '--help', '-h', '--version', '--', '-', '--json', '--format'],
  ...[
    'github',
    'markdown',
    'text',
    '--stack',
    'p/s/r',
    'a/b',
    '/',
    '--owner-key',
    '--mark',
    'dev/q',
    '0123456789abcdef',
  ],
  ...[
    '--file',
    'q.yaml',
    '/dev/zero',
    '--machine',
    '1e5bc9d7e413ddd7902c2932e418702b84d0cc07',
    '--comment',
    'INC-1',
    ' ',
  ],
  ...[
    '--yes-release',
    '1',
    '-1',
    '99999999999',
    '--timeout',
    '30m',
    '1e9h',
    `${'9'.repeat(400)}h`,
    '--use-azure-cli',
    '--cloud',
    'GCC',
  ],
  ...[
    '--api-url',
    'http://evil.example',
    'https://localhost:1',
    '--tenant-id',
    '--client-id',
    '--__proto__',
    '--constructor=1',
  ],
];
const args = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, anyText), { maxLength: 9 });
/** The simulator would start where its options make sense. */
const simulate = args.map((given) => ['simulate', ...given, '--port', 'none']);

export const cliTargets = [
  target(
    'command-line',
    1_000,
    fc.tuple(fc.oneof({ weight: 5, arbitrary: args }, simulate), fc.oneof(fc.constant(whole), nearlyManifest, anyText)),
    async ([given, file]) => {
      const told = { out: '', err: '' };
      const code = await runCli(given, portsOf(told, file));
      expect(code).to.be.oneOf([0, 1, 2]);
      for (const text of [told.out, told.err]) {
        expect(text.replace(/[\n\t]/g, '')).not.to.match(acting);
        expect(text).not.to.match(/^\s+at .+:\d+:\d+/m);
        expect(text).not.to.contain('did not foresee');
      }
      if (code !== 0) expect(told.out + told.err, 'why').to.match(/\S/);
    },
    4,
  ),
  target('texts', 1_500, fc.tuple(anyText, anyText, anyText), ([a, b, c]) => {
    expect(shown(a)).not.to.match(acting);
    expect(shown(a)).not.to.match(/##vso\[|##\[|^\s*::/i);
    expect(printableLine(a)).not.to.match(acting);
    expect(printable(a).replace(/[\n\t]/g, '')).not.to.match(acting);
    expect(new Redaction().presentable(a).isWellFormed()).to.equal(true);
    expect(JSON.parse(jsonText([a, b, c]))).to.deep.equal([a, b, c]);
    expect(jsonText([a, b, c]).replaceAll('\n', '')).not.to.match(acting);
    for (const format of ['text', 'markdown'] as const) {
      const lines = table(['x', 'y', 'z'], [[a, b, c]], format).split('\n');
      expect(lines).to.have.length(3);
      for (const line of lines) expect(line).not.to.match(acting);
    }
    const annotation = formatFindings([{ file: a, line: 1, column: 2, path: b, reason: c }], 'github');
    expect(annotation.split('\n')).to.have.length(2);
    expect(annotation.trimEnd()).not.to.match(acting);
    expect(annotation, 'one command').to.match(/^::error file=[^:,]*,line=1,col=2::/);
    expect(annotation).not.to.match(/##vso\[|##\[/i);
  }),
];

function portsOf(told: { out: string; err: string }, file: string): CliPorts {
  return {
    terminal: {
      out: (text) => {
        told.out += text;
      },
      err: (text) => {
        told.err += text;
      },
      outColours: false,
      interactive: false,
      ask: async () => undefined,
    },
    env: {},
    clock: systemPorts().clock,
    timer: systemPorts().timer,
    signal: new AbortController().signal,
    readFile: async (path) => {
      if (path === 'q.yaml') return file;
      throw Object.assign(new Error('no'), { code: 'ENOENT' });
    },
    connect: async () => {
      throw new DefenderError('nobody can sign in here', { kind: 'sign-in', next: 'Sign in elsewhere.' });
    },
    newRunId: () => '00000001',
  };
}
