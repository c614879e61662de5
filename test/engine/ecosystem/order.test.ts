import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { type Fleet, inline, makeFleet } from '../quarantine/fleet.ts';
import type { Declared } from '../world.ts';

const everythingMayGo = { guardrails: { maxReleases: 10, maxReleasePercent: 100 } };

describe('ignoreChanges, aliases, dependsOn and customTimeouts, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];

  const single = (
    at: number,
    properties: Record<string, unknown>,
    options: Record<string, unknown> = {},
  ): Declared => ({
    properties: { deviceName: hosts[at], comment: 'INC-1', ...properties },
    options,
  });
  const set = (names: readonly string[], options: Record<string, unknown> = {}): Declared => ({
    ...inline(names),
    options,
  });

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(7);
  });
  after(() => fleet.end());

  it('dependsOn: a host is isolated once the one before it is', async () => {
    fleet.declare(
      {
        second: single(1, {}, { dependsOn: [`\${first}`] }),
        first: single(0, {}),
        type: single(2, {}),
        fleet: set(hosts.slice(3, 5)),
      },
      everythingMayGo,
    );
    succeeded(await fleet.up());
    const [first] = fleet.isolates(hosts[0]);
    const [second] = fleet.isolates(hosts[1]);
    expect(first?.status).to.equal('Succeeded');
    expect(Date.parse(second?.creationDateTimeUtc ?? '')).to.be.at.least(
      Date.parse(first?.lastUpdateDateTimeUtc ?? ''),
    );
  });

  it('ignoreChanges and aliases: what the program says of it is no difference, and sends nothing', async () => {
    const sent = fleet.writes();
    const was = (name: string, type: string) => ({
      aliases: [`urn:pulumi:dev::containment::mde:index:${type}::${name}`],
    });
    fleet.declare(
      {
        second: single(1, {}, { dependsOn: [`\${first}`] }),
        first: single(0, { comment: 'INC-2' }, { ignoreChanges: ['comment'] }),
        type: single(2, { isolationType: 'Selective', allowTypeChange: true }, { ignoreChanges: ['isolationType'] }),
        // One host goes, another comes, and the name is a new one.
        renamed: set([hosts[3] ?? '', hosts[5] ?? ''], { ignoreChanges: ['hosts'], ...was('fleet', 'Quarantine') }),
      },
      everythingMayGo,
    );
    succeeded(await fleet.up());
    succeeded(await fleet.preview('--expect-no-changes'));
    expect(fleet.writes()).to.equal(sent);
    expect((await fleet.state()).first).to.include({ comment: 'INC-1', isolationType: 'Full', state: 'isolated' });
    expect(Object.keys((await fleet.sets()).renamed?.states ?? {})).to.deep.equal(hosts.slice(3, 5));
  });

  it('dependsOn: they are released the other way round', async () => {
    succeeded(await fleet.destroy());
    const [first] = fleet.unisolates(hosts[0]);
    const [second] = fleet.unisolates(hosts[1]);
    expect(Date.parse(first?.creationDateTimeUtc ?? '')).to.be.at.least(
      Date.parse(second?.lastUpdateDateTimeUtc ?? ''),
    );
  });

  it('semantics 4.3: the time-out of a set ends its waiting; what waits is kept in state, and the next run goes on', async () => {
    const away = hosts[6] ?? '';
    fleet.control.setMachine(away, { online: false });
    fleet.declare({ away: set([away], { customTimeouts: { create: '2s', update: '2s' } }) }, everythingMayGo);
    tells(failed(await fleet.up()), `NOT CONTAINED YET (1): ${away}: the isolation request`, 'is Pending');
    expect((await fleet.sets()).away?.states).to.deep.equal({ [away]: 'isolating' });
    fleet.control.setMachine(away, { online: true });
    fleet.control.advance('5m');
    succeeded(await fleet.up());
    expect(fleet.isolates(away)).to.have.length(1);
    expect((await fleet.sets()).away?.states).to.deep.equal({ [away]: 'isolated' });
  });
});
