import { expect } from 'chai';
import { failed, linesWith, succeeded, tells } from '../outcome.ts';
import { until } from '../until.ts';
import { type Fleet, fromManifest, makeFleet, short } from './fleet.ts';

describe('a hundred hosts of which not all can be isolated, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];
  const nobody = 'nobody.contoso.com';
  /** Both sides of the wire alike, so that a hundred requests do not take two minutes. */
  const limits = { perMinute: 1_000, perHour: 10_000 };
  const [refusing = '', offline = ''] = ['pc-10.contoso.com', 'pc-20.contoso.com'];

  before(async () => {
    fleet = await makeFleet({ limits });
    hosts = fleet.addHosts(100);
    fleet.control.setMachine(refusing, { outcomes: { Isolate: { status: 'Failed' } } });
    fleet.control.setMachine(offline, { online: false });
    fleet.declare({ fleet: fromManifest() }, { rateLimits: limits });
    fleet.write([...hosts, nobody]);
  });
  after(() => fleet.end());

  it('design 4.2, semantics 8.5: one bad host never holds up the others; the run tells each and ends non-zero', async () => {
    const run = fleet.start(['up', '--yes', '--skip-preview']);
    const done = () => fleet.control.actions().filter(({ status }) => status === 'Succeeded').length;
    await until('all but two are isolated', () => done() === 98);
    // The time that a set waits after its last request is over.
    fleet.control.advance('20m');
    const text = failed(await run.ended);
    for (const host of [refusing, offline, nobody]) expect(linesWith(text, host), text).to.not.be.empty;
    tells(
      text,
      `no machine is named ${nobody}`,
      'NOT CONTAINED (1):',
      'NOT CONTAINED YET (2):',
      /isolated: 98 \(/,
      '98 hosts are contained, for certain until',
    );
    expect(fleet.isolates()).to.have.length(100);
    const { fleet: set } = await fleet.sets();
    expect(set?.states).to.include({ [offline]: 'isolating', 'pc-00.contoso.com': 'isolated' });
    expect(Object.values(set?.states ?? {}).filter((state) => state === 'isolated')).to.have.length(98);
    expect(set?.states).to.not.have.property(nobody);

    // What its row told on the way, and what was left for the end.
    expect(text).to.match(/\d+\/101 isolated/);
    expect(text).to.match(/\d+ waiting for their devices/);
    const end = text.slice(text.indexOf('Diagnostics:')).trimEnd().split('\n');
    expect(end.length, end.join('\n')).to.be.below(40);
    expect(Math.max(...end.map((line) => line.length)), 'no line is a wall of names').to.be.below(500);
  });

  it('design 4.2: the next run touches only what failed, and leaves the one that waits', async () => {
    const before = fleet.control.actions().length;
    fleet.control.setMachine(refusing, { outcomes: { Isolate: null } });
    fleet.write(hosts);
    fleet.control.setMachine(offline, { online: true });
    fleet.control.advance('10m');
    const text = succeeded(await fleet.up());
    expect(fleet.requests(before)).to.deep.equal([`Isolate ${short(refusing)}`]);
    tells(text, '100 hosts are contained');
    expect((await fleet.sets()).fleet?.outputs.summary).to.equal('100 hosts: 100 isolated');
  });

  it('the next run is empty', async () => {
    succeeded(await fleet.preview('--expect-no-changes'));
  });
});
