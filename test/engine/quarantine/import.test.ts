import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { all, type Fleet, inline, makeFleet } from './fleet.ts';

describe('a Quarantine that is imported, and what changes behind its back, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];
  let ids: readonly string[];

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(3);
    ids = hosts.map((host) => fleet.control.machine(host).id);
    for (const id of ids.slice(0, 2)) fleet.control.isolate(id, { comment: 'found by hand' });
    fleet.control.advance('10m');
  });
  after(() => fleet.end());

  const bring = (...machineIds: readonly string[]) =>
    fleet.pulumi(['import', 'mde:index:Quarantine', 'fleet', machineIds.join(','), '--yes', '--protect=false']);

  it('with a host that is not isolated nothing is imported, and the host is named', async () => {
    tells(failed(await bring(...ids)), 'nothing was imported', 'pc-02.contoso.com', 'is not isolated');
    expect(await fleet.sets()).to.deep.equal({});
  });

  it('design 4.1: from the machine ids alone it has all it needs, and sends nothing', async () => {
    const text = succeeded(await bring(...ids.slice(0, 2)));
    for (const id of ids.slice(0, 2)) tells(text, `machineId: ${id}`);
    tells(text, 'comment: found by hand');
    expect(fleet.writes()).to.equal(0);
  });

  it('semantics 3.2: its hosts are ours from then on, and declared alike a preview is empty', async () => {
    fleet.declare({ fleet: inline(ids.slice(0, 2).map((machineId) => ({ machineId, comment: 'found by hand' }))) });
    succeeded(await fleet.preview('--expect-no-changes'));
    const { fleet: set } = await fleet.sets();
    expect(Object.values(set?.states ?? {})).to.deep.equal(['isolated', 'isolated']);
    for (const line of Object.values(set?.lines ?? {})) expect(line).to.include(', ours, ');
  });

  it("a plain preview shows an analyst's release, host by host, and fails where no change is expected", async () => {
    fleet.control.unisolate(ids[1] ?? '', { comment: 'looks clean' });
    fleet.control.advance('5m');
    const text = failed(await fleet.preview('--expect-no-changes'));
    tells(text, 'isolate 1, unchanged 1 of 2', 'it was released by analyst@contoso.com at');
    expect(fleet.writes()).to.equal(0);
  });

  it('refresh tells state what is so, and up repairs it with one request', async () => {
    succeeded(await fleet.refresh());
    const states = () => fleet.sets().then(({ fleet: set }) => set?.states);
    expect(await states()).to.deep.equal({ [ids[0] ?? '']: 'isolated', [ids[1] ?? '']: 'released' });
    expect(fleet.writes()).to.equal(0);
    succeeded(await fleet.up());
    expect(fleet.requests().filter((each) => each === 'Isolate pc-01')).to.have.length(2);
    expect(fleet.writes()).to.equal(1);
    expect(await states()).to.deep.equal(all(ids.slice(0, 2), 'isolated'));
  });
});
