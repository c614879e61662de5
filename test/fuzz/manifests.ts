import { expect } from 'chai';
import fc from 'fast-check';
import { describeProblem, type Reading, readInline, readManifest } from '../../provider/manifest/manifest.ts';
import { target } from './target.ts';
import { acting, anyText, anyValue, distorted, mutated, namesOfObjects } from './texts.ts';

const ids = ['1e5bc9d7e413ddd7902c2932e418702b84d0cc07', '2e5bc9d7e413ddd7902c2932e418702b84d0cc08'] as const;

/** A manifest with everything in it. */
export const whole = `# yaml-language-server: $schema=x
version: 1
comment: INC-4711 ransomware, floor 3
guardrails: { maxReleases: 3, maxReleasePercent: 20, allowReleases: 60-ab12cd34, protected: { tags: [dc], names: ['dc-*'] } }
hosts:
  - machineId: ${ids[0]}
    deviceName: laptop-7.contoso.com
    isolationType: Selective
    releaseAt: 2026-12-01T08:00:00Z
    comment: "INC-4711 patient zero"
  - &second
    deviceName: laptop-8.contoso.com
    waitFor: Submitted
    takeOwnership: true
    renewBefore: 48h
  - machineId: '${ids[1]}'
files:
  - sha1: 87662bc3d60e4200ceaf7aae249d1c343f4b83c9
    deviceNames: [laptop-7.contoso.com]
`;

/** Pieces that YAML gives a meaning to. */
const pieces = [
  ...[
    '&a ',
    '*a',
    '*second',
    '!!map ',
    '!!binary ',
    '!!js/function ',
    '!<tag:x> ',
    '!local ',
    '<<: *second',
    '<<: [*a, *b]',
  ],
  ...[
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '%TAG ! tag:x:\n',
    '? ',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '|\n',
    '>-\n',
    '"',
    "'",
  ],
  ...[
    '\t',
    '\r',
    '\r\n',
    '\u0085',
    '\u2028',
    '# ',
    '~',
    'null',
    'yes',
    '0x1f',
    '0o17',
    '.inf',
    '-.nan',
    '1e999',
    '9'.repeat(400),
  ],
  ...[
    '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
    '{a: '.repeat(40),
    '- '.repeat(40),
    '\n  hosts: []\n',
    'hosts:\n',
    'version: 2\n',
  ],
  ...namesOfObjects.map((name) => `${name}: `),
  ...namesOfObjects.map((name) => `${name}: { polluted: 1 }\n`),
];

const node: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('a', '1', 'true', '~', ...ids, '*a', '*b', "''", '""', '!!str 1', '2026-12-01', '.5', '-1'),
    fc.array(tie('node'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(
        fc.tuple(fc.constantFrom('hosts', 'machineId', 'comment', 'a', '<<', '? b', ...namesOfObjects), tie('node')),
        {
          maxLength: 4,
        },
      )
      .map((pairs) => `{${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
    tie('node').map((inner) => `&a ${inner}`),
    tie('node').map((inner) => `&b ${inner}`),
  ),
})).node;

/** Texts that are nearly a manifest. */
export const nearlyManifest = fc.oneof(
  { weight: 4, arbitrary: mutated(fc.constant(whole), pieces) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('hosts', 'guardrails', 'files', 'comment'), node)
      .map(([key, value]) => `version: 1\nx: &a 1\n${key}: ${value}\n`),
  },
  node,
  fc.array(fc.constantFrom(...pieces, ...whole.split(/(?<=\n)/)), { maxLength: 30 }).map((parts) => parts.join('')),
);

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  anyText,
);

const hosts = fc.array(
  distorted({
    machineId: ids[0],
    deviceName: 'a.contoso.com',
    comment: 'INC-1',
    isolationType: 'Full',
    releaseAt: '2026-12-01T08:00:00Z',
  }),
  { maxLength: 3 },
);
const inline = fc.oneof(
  fc
    .record({ hosts })
    .chain((given) => distorted({ ...given, comment: 'x', guardrails: { maxReleases: 1 }, files: [] })),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    maxDepth: 4,
  }),
  anyValue,
);

const few = fc.array(
  fc.constantFrom(...pieces.filter((piece) => piece.length < 30), 'a', ' ', '\n', '\n  ', '#', 'a: b\n', '@'),
  { maxLength: 4 },
);

/**
 * The same again and again: what takes the square of its length, in the library or here, takes more than a second for
 * this many, while what takes a time for each takes a few tenths.
 */
const repeats = fc
  .tuple(few, few, few)
  .filter(([, unit]) => unit.join('') !== '')
  .map(([before, unit, after]) => {
    const [start, repeated, end] = [before, unit, after].map((each) => each.join(''));
    return `${start}${repeated?.repeat(Math.floor(150_000 / repeated.length))}${end}`;
  });

export const manifestTargets = [
  target('manifest-repeats', 12, repeats, async (text) => judgeReading(await readManifest(text), text), 100),
  target('manifest-bytes', 1_500, anyBytes, async (text) => judgeReading(await readManifest(text), text)),
  target('manifest', 2_500, nearlyManifest, async (text) => judgeReading(await readManifest(text), text)),
  target('inline-hosts', 1_500, inline, async (data) => judgeReading(await readInline(data))),
];

/** Either a manifest whose every host can be acted on, or located problems in words for people; never both, never neither. */
export function judgeReading({ manifest, problems, locate }: Reading, text?: string): void {
  expect(manifest === undefined, 'a manifest or problems').to.equal(problems.length > 0);
  const lines = text === undefined ? 0 : text.replace(/^\ufeff/, '').split('\n').length;
  for (const problem of problems) {
    expect(problem.reason, 'a reason').to.match(/\S/);
    const told = describeProblem(problem, 'q.yaml');
    expect(told).not.to.match(acting);
    expect(told.length).to.be.below(3_000);
    expect(told.isWellFormed()).to.equal(true);
    if (text === undefined || /^and \d+ more$/.test(problem.reason)) continue;
    expect(problem.line, told).to.be.within(1, lines);
    expect(problem.column, told).to.be.at.least(1);
    locate(problem.path);
  }
  if (manifest === undefined) return;
  const names = new Set<string>();
  for (const host of manifest.hosts) {
    expect(host.machineId ?? host.deviceName, 'who is meant').to.be.a('string');
    if (host.machineId !== undefined) expect(host.machineId).to.match(/^[0-9a-f]{40}$/);
    if (host.deviceName !== undefined) expect(host.deviceName).to.match(/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,252}$/u);
    expect(host.comment).to.match(/\S/);
    expect(['Full', 'Selective', 'UnManagedDevice']).to.include(host.isolationType);
    expect(['release', 'retain']).to.include(host.onDelete);
    expect(['reisolate', 'hold']).to.include(host.onManualRelease);
    for (const flag of ['takeOwnership', 'allowTypeChange', 'allowProtected', 'releaseForeign'] as const)
      expect(host[flag]).to.be.oneOf([undefined, true, false]);
    const name = host.deviceName?.toLowerCase() ?? host.machineId ?? '';
    // What state calls it: an object must be able to hold it under that name.
    expect(namesOfObjects[0]).not.to.equal(name);
    expect(names.has(name), `${name} twice`).to.equal(false);
    names.add(name);
  }
}
