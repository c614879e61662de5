import { expect } from 'chai';
import fc from 'fast-check';
import { describeProblem, readInline, readManifest } from '../../provider/manifest/manifest.ts';
import { everything, example, machineId, problemsOf } from './texts.ts';

const withHosts = (hosts: string, top = 'comment: INC-1') => `version: 1\n${top}\nhosts:\n${hosts}`;

describe('a quarantine manifest', function () {
  this.timeout(30_000);

  describe('that is right', () => {
    it('gives its hosts with every default, the nearest first', async () => {
      const { manifest, problems } = await readManifest(example);
      expect(problems).to.deep.equal([]);
      expect(manifest).to.deep.equal({
        guardrails: { maxReleases: 3, protected: { tags: ['domain-controller'] } },
        hosts: [
          {
            machineId: '1e5bc9d7e413ddd7902c2932e418702b84d0cc07',
            deviceName: 'laptop-7.contoso.com',
            comment: 'INC-4711 patient zero',
            isolationType: 'Selective',
            releaseAt: '2026-12-01T08:00:00Z',
            waitFor: 'Succeeded',
            onDelete: 'release',
            onManualRelease: 'reisolate',
            renewBefore: '96h',
          },
          {
            deviceName: 'laptop-8.contoso.com',
            comment: 'INC-4711 ransomware, floor 3',
            isolationType: 'Full',
            waitFor: 'Succeeded',
            onDelete: 'release',
            onManualRelease: 'reisolate',
            renewBefore: '96h',
          },
        ],
      });
    });

    it('prefers host to top, top to the options of the resource, and those to what is built in', async () => {
      const text = withHosts(
        `  - {deviceName: a, onDelete: retain}\n  - {deviceName: b}\n`,
        'onDelete: release\nwaitFor: Submitted',
      );
      const defaults = {
        onDelete: 'retain',
        waitFor: 'Succeeded',
        comment: 'from options',
        takeOwnership: true,
      } as const;
      const { manifest } = await readManifest(text, defaults);
      expect(
        manifest?.hosts.map(({ onDelete, waitFor, comment, takeOwnership, isolationType }) => [
          onDelete,
          waitFor,
          comment,
          takeOwnership,
          isolationType,
        ]),
      ).to.deep.equal([
        ['retain', 'Submitted', 'from options', true, 'Full'],
        ['release', 'Submitted', 'from options', true, 'Full'],
      ]);
    });

    it('may use every key, and ids come out in lower case', async () => {
      const { manifest, problems } = await readManifest(everything);
      expect(problems).to.deep.equal([]);
      expect(manifest?.guardrails).to.deep.equal({
        maxReleases: 0,
        maxReleasePercent: 12.5,
        maxIsolations: 250,
        allowReleases: '60-ab12cd34',
        protected: {
          machineIds: ['1e5bc9d7e413ddd7902c2932e418702b84d0cc07'],
          names: ['dc-*', '*.contoso.com'],
          tags: ['domain controller'],
          osPlatforms: ['WindowsServer2022'],
        },
      });
      expect(manifest?.hosts[0]).to.include({
        renewBefore: '1h30m',
        onManualRelease: 'reisolate',
        releaseForeign: true,
      });
    });

    it('semantics 8.3: may say that no host is meant, and only so', async () => {
      expect((await readManifest('version: 1\nhosts: []')).manifest).to.deep.equal({ guardrails: {}, hosts: [] });
      for (const text of ['version: 1\n', 'version: 1\nhosts:\n', 'version: 1\nhosts: ~\n']) {
        const { manifest, problems } = await readManifest(text);
        expect(manifest).to.equal(undefined);
        expect(problems.map(({ path }) => path)).to.deep.equal(['hosts']);
        expect(problems[0]?.reason).to.contain('write hosts: []');
      }
    });

    it('may begin with a byte order mark, end its lines in Windows style, and be written as JSON', async () => {
      const { manifest } = await readManifest(example);
      expect((await readManifest(`\ufeff${example.replaceAll('\n', '\r\n')}`)).manifest).to.deep.equal(manifest);
      const json = JSON.stringify({ version: 1, comment: 'c', hosts: [{ deviceName: 'a' }] }, undefined, 2);
      expect((await readManifest(json)).problems).to.deep.equal([]);
    });

    it('loses no digit of an id that YAML reads as a number', async () => {
      const ids = [
        '1234567890123456789012345678901234567890',
        '12345e7890123456789012345678901234567890',
        '0'.repeat(40),
      ];
      const { manifest, problems } = await readManifest(
        withHosts(ids.map((id) => `  - machineId: ${id}\n    comment: 4711\n`).join('')),
      );
      expect(problems).to.deep.equal([]);
      expect(manifest?.hosts.map(({ machineId: id, comment }) => [id, comment])).to.deep.equal(
        ids.map((id) => [id, '4711']),
      );
    });

    it('may repeat a text by an alias', async () => {
      const { manifest } = await readManifest(
        withHosts('  - {deviceName: a, comment: &why INC-9}\n  - {deviceName: b, comment: *why}\n'),
      );
      expect(manifest?.hosts.map(({ comment }) => comment)).to.deep.equal(['INC-9', 'INC-9']);
    });

    it('is not judged by the clock: a past releaseAt is told where it stands, and that is all', async () => {
      const { manifest, locate } = await readManifest(
        withHosts('  - deviceName: a\n    releaseAt: 2001-01-01T00:00:00Z\n'),
      );
      expect(manifest?.hosts[0]?.releaseAt).to.equal('2001-01-01T00:00:00Z');
      expect(locate('hosts[0].releaseAt')).to.deep.equal({ line: 5, column: 5 });
      expect(locate('hosts[0].renewBefore'), 'a default').to.deep.equal({ line: 4, column: 5 });
      expect(locate('hosts[9]')).to.deep.equal({ line: 3, column: 1 });
    });
  });

  describe('that is wrong', () => {
    const a = machineId(10);
    const cases: readonly (readonly [name: string, text: string, problems: readonly (string | RegExp)[]])[] = [
      ['is empty', '', [/^1:1: is empty/]],
      ['has only remarks', '# nothing\n', [/^1:1: is empty/]],
      ['is a list', '- a\n', [/^1:1: must be a map/]],
      ['is one word', 'hosts', [/^1:1: must be a map/]],
      ['has no version', 'hosts: []\n', [/^1:1: version: is missing: write version: 1/]],
      ['has another version', 'version: 2\nhosts: []\n', [/^1:1: version: must be 1/]],
      ['has a version in quotes', 'hosts: []\nversion: "1"\n', [/^2:1: version: must be/]],
      [
        'declares files that are none',
        'version: 1\ncomment: c\nhosts:\n  - deviceName: a\nfiles:\n  - sha1: ' +
          `${'ab'.repeat(32)}\n  - sha1: ${'ab'.repeat(20)}\n    machines: [a]\n  - deviceNames: []\n` +
          `  - sha1: ${'AB'.repeat(20)}\n    deviceNames: [b, c, B]\n    comment: " "\n`,
        [
          /^6:5: files\[0\]\.sha1: .*is a SHA-256; .*Get-FileHash/,
          /^8:5: files\[1\]\.machines: is no property of a file; did you mean machineIds\?/,
          /^9:5: files\[2\]\.sha1: is missing/,
          /^9:5: files\[2\]\.deviceNames: names no machine/,
          /^10:5: files\[3\]\.sha1: is declared twice; first in line 7/,
          /^11:25: files\[3\]\.deviceNames\[2\]: is declared twice; first in line 11/,
          /^12:5: files\[3\]\.comment: is blank; say why the host is asked to quarantine the file/,
        ],
      ],
      [
        'declares a file for hosts that are not there',
        `version: 1\ncomment: c\nhosts: []\nfiles:\n  - sha1: ${'ab'.repeat(20)}\n`,
        [/files\[0\]: is quarantined on all hosts of the manifest, and there are none/],
      ],
      [
        'misspells keys',
        'version: 1\nhost: []\nhosts:\n  - devicename: a\n    comment: c\n    isolation-type: Full\n    wiatFor: Submitted\n',
        [
          /^2:1: host: .*did you mean hosts\?/,
          /^4:5: hosts\[0\]\.devicename: .*did you mean deviceName\?/,
          /^6:5: hosts\[0\]\["isolation-type"\]: .*did you mean isolationType\?/,
          /^7:5: hosts\[0\]\.wiatFor: .*did you mean waitFor\?/,
        ],
      ],
      [
        'has keys where they do not belong',
        'version: 1\nmaxReleases: 3\nguardrails: {tags: [x]}\nhosts: []\nmachineId: x\nzebra: 1\n',
        [
          /^2:1: maxReleases: .*stands under guardrails$/,
          /^3:14: guardrails\.tags: .*stands under guardrails\.protected$/,
          /^5:1: machineId: .*stands in an entry of hosts$/,
          /^6:1: zebra: is no property of a manifest; it has version, comment/,
        ],
      ],
      ['has merge keys', 'version: 1\nhosts: []\n<<: {comment: x}\n', [/^3:1: \["<<"\]: YAML merge keys/]],
      [
        'names keys that a prototype has',
        'version: 1\n__proto__: {comment: x}\nconstructor: y\nhosts: []\n',
        [/^2:1: __proto__: is no property/, /^3:1: constructor: is no property/],
      ],
      ['names no machine', withHosts('  - comment: c\n'), [/^4:5: hosts\[0\]: either machineId .* or deviceName/]],
      [
        'has hosts that are none',
        withHosts('  - a\n  -\n  - []\n'),
        [/^4:5: hosts\[0\]: must be a map/, /^5:\d: hosts\[1\]: must be a map/, /^6:5: hosts\[2\]/],
      ],
      ['has a map of hosts', 'version: 1\nhosts: {a: 1}\n', [/^2:1: hosts: must be a list/]],
      [
        'has blank or missing reasons',
        'version: 1\nhosts:\n  - deviceName: a\n  - {deviceName: b, comment: " "}\n  - {deviceName: c, comment: }\n  - {deviceName: d, comment: true}\n',
        [
          /^3:5: hosts\[0\]\.comment: is missing; say why/,
          /^4:21: hosts\[1\]\.comment: is blank/,
          /^5:21: hosts\[2\]\.comment: is empty/,
          /^6:21: hosts\[3\]\.comment: must be text, and true is none; put quotes/,
        ],
      ],
      ['has a blank reason for all', withHosts('  - deviceName: a\n', 'comment: ""'), [/^2:1: comment: is blank/]],
      [
        'has values that are none',
        withHosts(
          '  - {deviceName: a,\n     isolationType: full, waitFor: Done,\n     onDelete: keep, takeOwnership: "yes",\n     releaseAt: 2026-02-30T00:00:00Z,\n     renewBefore: 4d}\n  - {deviceName: b, renewBefore: 169h, releaseAt: 2026-12-01}\n',
        ),
        [
          /^5:6: hosts\[0\]\.isolationType: "full" is none of Full, Selective, UnManagedDevice; did you mean Full\?/,
          /^5:27: hosts\[0\]\.waitFor: "Done" is none of Succeeded, Submitted$/,
          /^6:6: hosts\[0\]\.onDelete: "keep" is none of release, retain$/,
          /^6:22: hosts\[0\]\.takeOwnership: must be true or false/,
          /^7:6: hosts\[0\]\.releaseAt: "2026-02-30T00:00:00Z" is no RFC 3339 moment/,
          /^8:6: hosts\[0\]\.renewBefore: "4d" is no duration/,
          /^9:21: hosts\[1\]\.renewBefore: 169h is longer than the seven days/,
          /^9:40: hosts\[1\]\.releaseAt: "2026-12-01" is no RFC 3339 moment/,
        ],
      ],
      [
        'has ids and names that are none',
        withHosts(
          `  - machineId: ${a.slice(1)}\n  - machineId: 0x${a.slice(2)}\n  - deviceName: laptop-*\n  - deviceName: "a' or 'a"\n  - deviceName: [a]\n  - machineId: {}\n`,
        ),
        [
          /^4:5: hosts\[0\]\.machineId: "0+a" is no machine id: 40 hex digits/,
          /^5:5: hosts\[1\]\.machineId: "0x0+a" is no machine id/,
          /^6:5: hosts\[2\]\.deviceName: "laptop-\*" is no device name/,
          /^7:5: hosts\[3\]\.deviceName: .* is no device name/,
          /^8:5: hosts\[4\]\.deviceName: "\["a"\]" is no device name/,
          /^9:5: hosts\[5\]\.machineId: "\{\}" is no machine id/,
        ],
      ],
      [
        'has guardrails that are none',
        'version: 1\nhosts: []\nguardrails:\n  maxReleases: -1\n  maxReleasePercent: 120\n  maxIsolations: 1.5\n  allowReleases: 60\n  protected: {machineIds: [x], names: ["dc?"], tags: [" "], osPlatforms: Windows}\n',
        [
          /^4:3: guardrails\.maxReleases: "-1" is not a whole number/,
          /^5:3: guardrails\.maxReleasePercent: "120" is not a percentage/,
          /^6:3: guardrails\.maxIsolations: "1\.5" is not a whole number/,
          /^7:3: guardrails\.allowReleases: "60" is no override/,
          /^8:28: guardrails\.protected\.machineIds\[0\]: "x" is no machine id/,
          /^8:40: guardrails\.protected\.names\[0\]: "dc\?" is no device name or pattern/,
          /^8:55: guardrails\.protected\.tags\[0\]: is blank/,
          /^8:61: guardrails\.protected\.osPlatforms: must be a list/,
        ],
      ],
      [
        'has parts without a value',
        'version: 1\nhosts: []\nguardrails:\ncomment:\n',
        [/^3:1: guardrails: is empty; give it a value, or take the key out/, /^4:1: comment: is empty/],
      ],
      [
        'writes a key twice',
        'version: 1\nhosts: []\ncomment: a\ncomment: b\nhosts: []\n',
        [/^4:1: comment: is written twice; first in line 3/, /^5:1: hosts: is written twice; first in line 2/],
      ],
      [
        'declares a machine twice',
        withHosts(
          `  - machineId: ${a}\n  - deviceName: PC-1.contoso.com\n  - machineId: ${a.toUpperCase()}\n    deviceName: pc-1.Contoso.com\n`,
        ),
        [
          /^6:5: hosts\[2\]\.machineId: is declared twice; first in line 4 \(hosts\[0\]\.machineId\)/,
          /^7:5: hosts\[2\]\.deviceName: is declared twice; first in line 5 \(hosts\[1\]\.deviceName\)/,
        ],
      ],
      [
        'declares a machine under the two names of an earlier entry',
        withHosts(`  - {machineId: ${a}, deviceName: pc}\n  - deviceName: PC\n  - machineId: ${a}\n`),
        [
          /^5:5: hosts\[1\]\.deviceName: is declared twice; first in line 4/,
          /^6:5: hosts\[2\]\.machineId: is declared twice; first in line 4/,
        ],
      ],
      [
        'gives one name to two machines',
        withHosts(`  - {machineId: ${a}, deviceName: pc}\n  - {machineId: ${machineId(11)}, deviceName: pc}\n`),
        [/^5:59: hosts\[1\]\.deviceName: .*declare them by machineId alone/],
      ],
      ['is no YAML', 'version: 1\nhosts: [\n', [/^\d:\d: is no valid YAML here: /]],
      [
        'is indented by tabs',
        'version: 1\nhosts:\n\t- deviceName: a\n',
        [/^3:\d: is no valid YAML here: Tabs are not allowed/],
      ],
      ['has tags', 'version: 1\nhosts: !mine []\n', [/^2:8: is no valid YAML here: Unresolved tag/]],
      [
        'has tags of older YAML',
        'version: 1\nhosts: []\ncomment: !!binary aGk=\n',
        [/^3:10: is no valid YAML here: Unresolved tag/],
      ],
      ['is two documents', 'version: 1\nhosts: []\n---\nversion: 1\n', [/^3:1: a second document begins here/]],
      ['is of older YAML', '%YAML 1.1\n---\nversion: 1\nhosts: []\n', [/^1:1: asks for another version of YAML/]],
      [
        'has an alias of nothing',
        'version: 1\nhosts: []\ncomment: *a\n',
        [/^3:10: comment: \*a has no anchor &a above it/],
      ],
      ['holds itself', 'version: 1\nhosts: &a\n  - *a\n', [/^3:5: \*a would hold itself/]],
      ['has keys that are no words', 'version: 1\nhosts: []\n? [a]\n: b\n', [/^3:3: a key is one word/]],
      [
        'has an escape sequence in a reason',
        withHosts('  - {deviceName: a, comment: "x\\e[2J"}\n'),
        [/^4:21: hosts\[0\]\.comment: "x \[2J" holds the control character U\+001B/],
      ],
      [
        'has an escaped override in a reason',
        withHosts('  - {deviceName: a, comment: "x\\u202Ey"}\n'),
        [/^4:21: .* holds the bidirectional override U\+202E/],
      ],
      [
        'hides its lines from a reviewer',
        withHosts('  - deviceName: a # \u202e b\n'),
        [/^4:21: holds the bidirectional override U\+202E/],
      ],
      ['holds bytes that are no text', 'version: 1\nhosts: []\n\u0000', [/^3:1: holds the character U\+0000/]],
      [
        'repeats an alias for a wrong host',
        'version: 1\nhosts:\n  - &h {deviceName: "*"}\n  - *h\n',
        [
          /^3:8: hosts\[0\]\.comment: is missing/,
          /^3:9: hosts\[0\]\.deviceName/,
          /^4:5: hosts\[1\]\.deviceName/,
          /^4:5: hosts\[1\]\.comment/,
        ],
      ],
    ];
    for (const [name, text, expected] of cases) {
      it(`because it ${name}`, async () => {
        const problems = await problemsOf(text);
        expect(problems).to.have.lengthOf(expected.length);
        for (const [index, pattern] of expected.entries()) expect(problems[index]).to.match(new RegExp(pattern));
        expect((await readManifest(text)).manifest).to.equal(undefined);
      });
    }

    it('tells the first fifty problems, and how many more there are', async () => {
      const problems = await problemsOf(withHosts(Array.from({ length: 70 }, () => '  - deviceName: "?"\n').join('')));
      expect(problems).to.have.lengthOf(51);
      expect(problems[49]).to.match(/^53:5: hosts\[49\]/);
      expect(problems[50]).to.match(/^ ?and 20 more$/);
    });
  });

  describe('that would cost too much', () => {
    const long = 4 * 1024 * 1024;
    const bomb = [...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]\n`);
    const cases: readonly (readonly [name: string, text: () => string, reason: string])[] = [
      ['by its length', () => `version: 1\nhosts: []\n#${'x'.repeat(long)}`, 'is longer than 4 Mi characters'],
      ['by maps within maps', () => '{a: '.repeat(100_000), 'nested more than 32 deep'],
      ['by lists within lists', () => '- '.repeat(100_000), 'nested more than 32 deep'],
      [
        'by nesting through aliases',
        () =>
          [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ']
            .map((c, i, all) => `${c}: &${c} [${i === 0 ? '1' : `*${all[i - 1]}`}]\n`)
            .join(''),
        'nested more than 32 deep',
      ],
      ['by aliases that explode', () => `a: &a [x,x,x,x,x,x,x,x,x]\n${bomb.join('')}`, 'aliases stand for more than'],
      ['by marks without end', () => `a: ${'! '.repeat(900_000)}`, 'holds too much'],
      ['by lines without end', () => `version: 1\nhosts: []\n${'\n'.repeat(130_000)}`, 'has more than 120000 lines'],
    ];
    for (const [name, text, reason] of cases) {
      it(`${name} is refused`, async () => {
        const problems = await problemsOf(text());
        expect(problems).to.have.lengthOf(1);
        expect(problems[0]).to.contain(reason);
      });
    }

    it('takes ten thousand hosts, each with its id, its name, a long comment and one more property', async () => {
      const hosts = Array.from(
        { length: 10_000 },
        (_, i) =>
          `  - machineId: ${machineId(i)}\n    deviceName: pc-${i}.contoso.com\n    comment: INC-${i} ${'why '.repeat(50)}\n    onDelete: retain\n`,
      );
      const { manifest, problems } = await readManifest(`version: 1\nhosts:\n${hosts.join('')}`);
      expect(problems).to.deep.equal([]);
      expect(manifest?.hosts).to.have.lengthOf(10_000);
    });
  });

  describe('whatever its text', () => {
    const word = fc.constantFrom(
      ...[
        'version',
        '1',
        'hosts',
        'machineId',
        machineId(3),
        'deviceName',
        'pc-1',
        'comment',
        'guardrails',
        'protected',
      ],
      ...[
        ': ',
        ':\n',
        '\n  - ',
        '\n    ',
        '\n',
        '- ',
        '[',
        ']',
        '{',
        '}',
        ', ',
        '&a ',
        '*a',
        '!!str ',
        '!x ',
        '<<',
        '|',
        '> ',
        '"',
        "'",
      ],
      ...[
        '#',
        '---\n',
        '...',
        '? ',
        '%YAML 1.1\n',
        '\t',
        '\r',
        '\ufeff',
        '\u202e',
        '\u0000',
        '\ud800',
        '~',
        'null',
        '.inf',
        '0x1F',
      ],
    );
    const soup = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
    /** The example with some characters changed. */
    const damaged = fc
      .tuple(fc.nat(example.length), fc.nat(20), fc.oneof(word, fc.string({ maxLength: 5 })))
      .map(([at, cut, put]) => example.slice(0, at) + put + example.slice(at + cut));

    it('is a manifest or has problems with a place in the text, and never throws', async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(soup, damaged, damaged, fc.string({ unit: 'binary' })), async (text) => {
          const { manifest, problems } = await readManifest(text);
          expect(manifest === undefined).to.equal(problems.length > 0);
          const lines = text.split('\n');
          let last = [0, 0];
          for (const { line = 0, column = 0, path, reason } of problems) {
            expect(line, reason).to.be.within(1, lines.length);
            expect(column, reason).to.be.within(1, (lines[line - 1]?.length ?? 0) + 1);
            expect(line * 1e6 + column, 'in the order of the text').to.be.at.least(
              (last[0] ?? 0) * 1e6 + (last[1] ?? 0),
            );
            last = [line, column];
            const told = describeProblem({ path, line, column, reason }, 'q.yaml');
            expect(told).to.match(/^q\.yaml:\d+:\d+: [^\p{Cc}\u202a-\u202e\u2066-\u2069]+$/u);
          }
          for (const host of manifest?.hosts ?? []) {
            expect(host.comment.trim()).not.to.equal('');
            expect(host.machineId ?? host.deviceName).to.be.a('string');
          }
        }),
        { numRuns: 1_500 },
      );
      expect(Object.keys({}.constructor.prototype), 'no prototype was touched').to.deep.equal([]);
    });
  });
});

describe('inline hosts', () => {
  it('are read by the same rules, without a version, and what is null or undefined is not given', async () => {
    const { manifest, problems, locate } = await readInline(
      {
        hosts: [{ deviceName: 'pc-1', machineId: null, comment: undefined, releaseAt: undefined }],
        guardrails: { maxReleases: 2, protected: null },
      },
      { comment: 'INC-1' },
    );
    expect(problems).to.deep.equal([]);
    expect(manifest?.guardrails).to.deep.equal({ maxReleases: 2 });
    expect(manifest?.hosts[0]).to.include({ deviceName: 'pc-1', comment: 'INC-1' });
    expect(manifest?.hosts[0]).not.to.have.any.keys('machineId', 'releaseAt');
    expect(locate('hosts[0]')).to.equal(undefined);
  });

  it('have problems in the order of the data, without a place', async () => {
    const { problems } = await readInline({
      guardrails: { maxReleases: 'x' },
      hosts: [
        { deviceName: 'a', comment: 'c', onDelete: 'keep' },
        { deviceName: 'A', comment: '', colour: 1 },
        { machineId: 1.2345e39, comment: 'c' },
      ],
    });
    expect(problems.map((problem) => describeProblem(problem))).to.deep.equal([
      'guardrails.maxReleases: "x" is not a whole number of hosts',
      'hosts[0].onDelete: "keep" is none of release, retain',
      'hosts[1].deviceName: is declared twice; first as hosts[0].deviceName. Keep one of them',
      'hosts[1].comment: is blank; say why the host is isolated, best with the ticket, such as "INC-4711 ransomware, floor 3"',
      'hosts[1].colour: is no property of a host; it has machineId, deviceName, comment, isolationType, releaseAt, waitFor, onDelete, onManualRelease, takeOwnership, allowTypeChange, allowProtected, releaseForeign, renewBefore, restrictCodeExecution',
      'hosts[2].machineId: is the number 1.2345e+39, which has lost digits; put quotes around the machine id',
    ]);
  });

  it('semantics 8.3: absent or null hosts are refused', async () => {
    for (const data of [{}, { hosts: null }, { hosts: undefined }]) {
      const { manifest, problems } = await readInline(data);
      expect(manifest).to.equal(undefined);
      expect(problems.map(({ path }) => path)).to.deep.equal(['hosts']);
    }
  });

  it('may be anything at all, also what holds itself, and reading it never throws', async () => {
    const loop: Record<string, unknown> = { comment: 'c' };
    loop.hosts = [loop];
    const { problems } = await readInline(loop);
    expect(problems[0]?.reason).to.contain('nested more than 32 deep');
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anything, fc.record({ hosts: fc.array(fc.record({ deviceName: anything })) })),
        async (data) => {
          const reading = await readInline(data);
          expect(reading.manifest === undefined).to.equal(reading.problems.length > 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a problem', () => {
  const problem = { path: 'hosts[1].deviceName', line: 7, column: 5, reason: 'is wrong' };
  it('is told in a line that editors understand', () => {
    expect(describeProblem(problem, 'quarantine.yaml')).to.equal('quarantine.yaml:7:5: hosts[1].deviceName: is wrong');
    expect(describeProblem(problem)).to.equal('line 7, column 5: hosts[1].deviceName: is wrong');
    expect(describeProblem({ path: '', reason: 'is wrong' }, 'q.yaml')).to.equal('q.yaml: is wrong');
  });
  it('repaints nobody’s terminal', () => {
    expect(describeProblem({ path: 'a["\u001b[2J"]', reason: '\u202e x\n y' }, 'q\u0007.yaml')).to.equal(
      'q .yaml: a[" [2J"]:   x  y',
    );
  });
});
