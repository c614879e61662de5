import { expect } from 'chai';
import { describeProblem, readManifest } from '../../provider/manifest/manifest.ts';

const M = 4_000_000;
const host = (line: string) => `version: 1\ncomment: x\nhosts:\n  - deviceName: a\n    ${line}\n`;
const many = (text: string) => text.repeat(Math.floor(M / text.length));

describe('a manifest with something huge in it', function () {
  this.timeout(60_000);

  const table: readonly (readonly [string, () => string, RegExp])[] = [
    [
      'fifty million characters',
      () => `version: 1\nhosts: []\n#${'x'.repeat(50_000_000)}`,
      /longer than 4 Mi characters/,
    ],
    ['a duration', () => host(`renewBefore: ${many('1h')}`), /is no duration/],
    ['a moment', () => host(`releaseAt: 2026-12-01T08:00:00.${many('1')}`), /is no RFC 3339 moment/],
    ['a device name', () => `version: 1\ncomment: x\nhosts:\n  - deviceName: ${many('a')}\n`, /is no device name/],
    ['a choice', () => host(`isolationType: ${many('Full')}`), /is none of Full/],
    [
      'an override',
      () => `version: 1\nhosts: []\nguardrails:\n  allowReleases: "${many('1-ab12cd34,')}1-ab12cd34"\n`,
      /is no override/,
    ],
    ['a number', () => `version: 1\nhosts: []\nguardrails:\n  maxReleases: ${many('9')}\n`, /is not a whole number/],
    ['a key', () => `version: 1\nhosts: []\n${'k'.repeat(1_000)}: 1\n`, /is no property of a manifest/],
    ['an alias', () => `version: 1\nhosts: *${many('k')}\n`, /has no anchor/],
    ['a tag', () => `version: 1\nhosts: !${many('k')} []\n`, /is no valid YAML here/],
    ['digits after which nothing comes', () => many('1'), /must be a map/],
  ];
  for (const [what, text, reason] of table)
    it(`(${what}) is refused in a few words`, async () => {
      const before = process.cpuUsage();
      const { manifest, problems } = await readManifest(text());
      const { user, system } = process.cpuUsage(before);
      expect(manifest).to.equal(undefined);
      const told = problems.map((problem) => describeProblem(problem, 'q.yaml'));
      expect(told.join('\n')).to.match(reason);
      for (const line of told) expect(line.length).to.be.below(1_000);
      expect((user + system) / 1_000, 'ms').to.be.below(5_000);
    });

  it('with more faults than anybody reads is not gone through to the last: each would be an error with its stack', async () => {
    const floods = {
      'escapes that there are not': `a: "${many('\\q')}"`,
      'numbers of characters that there are not': `a: "${many('\\xZZ')}"`,
      'closing brackets': many(']'),
      'lists behind lists': many('[]'),
      'directives that there are not': '%A\n'.repeat(100_000),
      'reserved signs': `a: [${'@a,'.repeat(100_000)}`,
      'two anchors': `- ${'&a '.repeat(100_000)}`,
    };
    for (const [what, text] of Object.entries(floods)) {
      const before = process.cpuUsage();
      const { problems } = await readManifest(text);
      const { user, system } = process.cpuUsage(before);
      expect(problems.length, what).to.be.within(1, 51);
      expect((user + system) / 1_000, `ms for ${what}`).to.be.below(5_000);
    }
  });

  it('keeps the stack: a duration is refused in the command line’s options as well', async () => {
    const { parseDuration } = await import('../../provider/containment/duration.ts');
    expect(parseDuration(many('1h'))).to.equal(undefined);
    expect(parseDuration('1h30m')).to.equal(5_400_000);
  });
});
