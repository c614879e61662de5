import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { failed, linesWith, succeeded, tells } from '../outcome.ts';
import { all, type Fleet, fromManifest, inline, makeFleet } from './fleet.ts';

describe('a Quarantine from a manifest, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(6);
    fleet.declare({ fleet: fromManifest() });
    fleet.write(hosts);
  });
  after(() => fleet.end());

  it('design 4.2: preview lists the hosts to isolate with the reason of each, and sends nothing', async () => {
    const text = succeeded(await fleet.preview('--diff'));
    expect(linesWith(text, 'pc-0').map((line) => line.trim())).to.deep.equal([
      ...hosts.map((host) => `${host}: "Full: INC-4711"`),
      ...hosts.map((host) => `${host}: it is not isolated`),
    ]);
    tells(text, 'isolate 6, unchanged 0 of 6', 'isolate (6):');
    expect(fleet.writes()).to.equal(0);
  });

  it('up isolates every host with one request, and says until when containment is certain', async () => {
    const text = succeeded(await fleet.up());
    tells(text, 'isolated: 6 (', '6 hosts are contained, for certain until');
    expect([...fleet.requests()].sort()).to.deep.equal(hosts.map((_, at) => `Isolate pc-0${at}`));
    const { fleet: set } = await fleet.sets();
    expect(set?.states).to.deep.equal(all(hosts, 'isolated'));
    expect(set?.outputs.summary).to.equal('6 hosts: 6 isolated');
    for (const line of Object.values(set?.lines ?? {})) expect(line).to.include(', ours, ');
  });

  it('a comment alone is a change of state: preview names the host, nothing is sent', async () => {
    fleet.write([{ deviceName: hosts[0], comment: 'INC-4711, closed by forensics' }, ...hosts.slice(1)]);
    const text = succeeded(await fleet.preview('--diff'));
    expect(linesWith(text, '~ pc-0')).to.have.length(1);
    tells(text, '"Full: INC-4711, closed by forensics"', 'unchanged 6 of 6');
    succeeded(await fleet.up());
    expect(fleet.writes()).to.equal(6);
  });

  it('design 4.2: preview --diff reads as a list: what is released, isolated and renewed, and why', async () => {
    const [added] = fleet.addHosts(1, 'new');
    // The lease of the six is within its last four days; one of them was let go by hand.
    fleet.control.advance('80h');
    fleet.control.unisolate(hosts[1] ?? '', { comment: 'looks clean' });
    fleet.control.advance('10m');
    fleet.write([...hosts.slice(0, 5), added ?? '']);
    const text = succeeded(await fleet.preview('--diff'));
    const diff = text.slice(text.indexOf('(update)'), text.indexOf('Resources:'));
    expect(linesWith(diff, 'contoso.com').map((line) => line.trim().split(/[: ]+/, 2).join(' '))).to.have.members([
      '+ new-00.contoso.com',
      ...[0, 1, 2, 3, 4].map((at) => `~ pc-0${at}.contoso.com`),
      '- pc-05.contoso.com',
    ]);
    const told = text.slice(text.indexOf('release 1, '));
    const lines = told.split('\n').map((line) => line.trim());
    expect(lines[0]).to.equal('release 1, isolate 2, renew 4, unchanged 0 of 6');
    tells(
      told,
      'release: pc-05.contoso.com: declared no more; it is expiring by a request of ours',
      /isolate \(2\):.* pc-01\.contoso\.com: it was released by analyst@contoso\.com at/,
      'new-00.contoso.com: it is not isolated',
      /renew \(4\): pc-00\.contoso\.com: .*certain only until/,
    );
    expect(fleet.writes()).to.equal(6);
  });

  it('up does what the preview said, and the next one is empty', async () => {
    const before = fleet.control.actions().length;
    const text = succeeded(await fleet.up());
    tells(text, 'isolated: 2 (', 'renewed: 4 (', 'released: 1 (pc-05.contoso.com)');
    expect([...fleet.requests(before)].sort()).to.deep.equal([
      'Isolate new-00',
      ...[0, 1, 2, 3, 4].map((at) => `Isolate pc-0${at}`),
      'Unisolate pc-05',
    ]);
    const { fleet: set } = await fleet.sets();
    // Semantics 2.2: nobody knows whether a renewal restarts the clock, so what was renewed still is expiring.
    expect(set?.states).to.deep.equal({
      ...all([...hosts.slice(0, 5), 'new-00.contoso.com'], 'expiring'),
      ...all(['pc-01.contoso.com', 'new-00.contoso.com'], 'isolated'),
    });
    succeeded(await fleet.preview('--expect-no-changes'));
  });

  it('every mistake of a manifest is told at once with line and column; nothing is sent, and no value of a secret shown', async () => {
    const before = [fleet.writes(), (await fleet.sets()).fleet?.states];
    const text = [
      'version: 1',
      'comment: INC-4711',
      'clientSecret: hunter2-of-somebody',
      'hosts:',
      '  - deviceNam: pc-00.contoso.com',
      '  - deviceName: pc-01.contoso.com',
      '    comment: "  "',
      '  - deviceName: pc-02.contoso.com',
      '    releaseAt: tomorrow',
      '  - deviceName: PC-02.contoso.com',
      '',
    ].join('\n');
    writeFileSync(join(fleet.folder, 'quarantine.yaml'), text);
    const shown = failed(await fleet.up());
    tells(
      shown,
      'line 3, column 1: clientSecret',
      'line 5, column 5: hosts[0].deviceNam: is no property of a host; did you mean deviceName?',
      'line 7, column 5: hosts[1].comment',
      'line 9, column 5: hosts[2].releaseAt',
      /line 10, column 5: hosts\[3\]\.deviceName: is declared twice; first in line 8/,
    );
    expect(shown).to.not.include('hunter2');
    expect(shown).to.not.match(/^\s+at .*:\d+:\d+/m);
    expect([fleet.writes(), (await fleet.sets()).fleet?.states]).to.deep.equal(before);
  });

  it('text that is no YAML is told with its place, and releases nobody', async () => {
    const before = fleet.writes();
    const text = 'version: 1\npassword: hunter2\nhosts:\n  - deviceName: "pc-00\n';
    writeFileSync(join(fleet.folder, 'quarantine.yaml'), text);
    const shown = failed(await fleet.up());
    tells(shown, /manifest: line \d+, column \d+: is no valid YAML here: Missing closing "quote/);
    expect(shown).to.not.include('hunter2');
    writeFileSync(join(fleet.folder, 'quarantine.yaml'), '');
    tells(failed(await fleet.up()), 'manifest');
    expect(fleet.writes()).to.equal(before);
  });

  it('the same hosts inline instead of in the manifest are no difference; mistakes there are told with their path', async () => {
    fleet.declare({ fleet: inline([...hosts.slice(0, 5), 'new-00.contoso.com']) });
    succeeded(await fleet.preview('--expect-no-changes'));
    const before = fleet.writes();
    fleet.declare({ fleet: inline([{ deviceName: 'pc-00.contoso.com', isolationType: 'full' }, 'pc-01,contoso.com']) });
    tells(failed(await fleet.preview()), 'hosts[0].isolationType', 'hosts[1].deviceName');
    expect(fleet.writes()).to.equal(before);
  });
});
