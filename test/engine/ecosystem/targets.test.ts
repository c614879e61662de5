import { expect } from 'chai';
import { succeeded, tells } from '../outcome.ts';
import { type Fleet, inline, makeFleet } from '../quarantine/fleet.ts';
import type { Declared } from '../world.ts';

const urn = (name: string, type = 'MachineIsolation') => `urn:pulumi:dev::containment::mde:index:${type}::${name}`;
/** One release a run. */
const one = { guardrails: { maxReleases: 1, maxReleasePercent: 100 } };

describe('runs over a part of a stack, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];

  const single = (at: number, comment = 'INC-1'): Declared => ({ properties: { deviceName: hosts[at], comment } });
  const declare = (resources: Readonly<Record<string, Declared>>) => fleet.declare(resources, one);
  const released = () => fleet.unisolates().map(({ computerDnsName }) => computerDnsName);

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(5);
    declare({ a: single(0), b: single(1), c: single(2), fleet: inline(hosts.slice(3)) });
    succeeded(await fleet.up());
    // Since then all of them change, and all but one would go.
    declare({ b: single(1, 'INC-2'), fleet: inline(hosts.slice(3, 4), { comment: 'INC-2' }) });
  });
  after(() => fleet.end());

  it('up --target leaves alone what it does not cover: hosts that are declared no more stay, and count for nothing', async () => {
    const sent = fleet.writes();
    succeeded(await fleet.up('--target', urn('b')));
    expect(fleet.writes()).to.equal(sent);
    const state = await fleet.state();
    expect(Object.keys(state)).to.have.members(['a', 'b', 'c']);
    expect(state.b).to.include({ comment: 'INC-2', state: 'isolated' });
    expect((await fleet.sets()).fleet?.states).to.have.keys(hosts.slice(3));
  });

  it('up --target of a set lets go one host within the limits, and nobody else', async () => {
    succeeded(await fleet.up('--target', urn('fleet', 'Quarantine')));
    expect(released()).to.deep.equal([hosts[4]]);
  });

  it('destroy --target, and destroy --exclude, release what they cover and count it alone', async () => {
    tells(succeeded(await fleet.destroy('--target', urn('a'))), `released: 1 (${hosts[0]})`);
    expect(released()).to.deep.equal([hosts[4], hosts[0]]);
    succeeded(await fleet.destroy('--exclude', urn('b'), '--exclude', urn('fleet', 'Quarantine')));
    expect(released()).to.deep.equal([hosts[4], hosts[0], hosts[2]]);
    expect([1, 3].map((at) => fleet.isIsolated(hosts[at] ?? ''))).to.deep.equal([true, true]);
  });

  it('refresh, whole and of a target, and up --refresh send nothing and change nothing', async () => {
    const sent = fleet.writes();
    succeeded(await fleet.refresh('--expect-no-changes'));
    succeeded(await fleet.refresh('--expect-no-changes', '--target', urn('b')));
    succeeded(await fleet.up('--refresh', '--expect-no-changes'));
    expect(fleet.writes()).to.equal(sent);
  });
});
