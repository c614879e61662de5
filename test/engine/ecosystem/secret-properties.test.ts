import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { succeeded } from '../outcome.ts';
import { type Fleet, makeFleet } from '../quarantine/fleet.ts';

const secret = (value: unknown) => ({ 'fn::secret': value });

describe('secrets in what is declared, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];
  /** What no state, diff or message may show. */
  let hidden: readonly string[];

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(5, 'suspect');
    const [open = '', named = '', inSet = '', besideIt = '', inManifest = ''] = hosts;
    hidden = ['under-suspicion', 'patient-zero', 'told-by-hr', named, inSet, inManifest];
    const manifest = { version: 1, comment: 'told-by-hr', hosts: [{ deviceName: inManifest }] };
    writeFileSync(join(fleet.folder, 'quarantine.yaml'), stringify(manifest));
    const set = 'mde:index:Quarantine';
    const declared = {
      comment: { properties: { deviceName: open, comment: secret('under-suspicion') } },
      name: { properties: { deviceName: secret(named), comment: 'INC-1' } },
      hosts: {
        type: set,
        properties: {
          comment: 'INC-1',
          hosts: [{ deviceName: secret(inSet) }, { deviceName: besideIt, comment: secret('patient-zero') }],
        },
      },
      manifest: { type: set, properties: { manifest: secret({ 'fn::readFile': './quarantine.yaml' }) } },
    };
    fleet.declare(declared, { guardrails: { maxReleases: 10, maxReleasePercent: 100 } });
  });
  after(() => fleet.end());

  const hides = (text: string, where: string) => {
    for (const word of hidden) expect(text.includes(word), `${word} in ${where}:\n${text}`).to.equal(false);
  };

  it('stand in no preview, run, state or refresh in clear; the analyst sees the comment, as it must be', async () => {
    hides(succeeded(await fleet.preview('--diff')), 'the preview');
    hides(succeeded(await fleet.up('--diff')), 'the run');
    hides(await fleet.exportState(), 'the state');
    expect(fleet.isolates()).to.have.length(5);
    expect(fleet.isolates(hosts[0])[0]?.requestorComment).to.contain('under-suspicion');
    // Now with hosts that changed, which are told by name.
    for (const host of hosts) fleet.control.unisolate(host, { comment: 'looks clean' });
    fleet.control.advance('5m');
    hides(succeeded(await fleet.refresh('--diff')), 'the refresh');
    hides(succeeded(await fleet.up('--diff')), 'the repair');
    hides(await fleet.exportState(), 'the state after it');
  });

  it('nor in a destroy, where only the state tells of them', async () => {
    hides(succeeded(await fleet.destroy('--diff')), 'the destroy');
    expect(hosts.some((host) => fleet.isIsolated(host))).to.equal(false);
  });
});
