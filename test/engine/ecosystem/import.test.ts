import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { failed, succeeded, tells } from '../outcome.ts';
import { type Fleet, makeFleet } from '../quarantine/fleet.ts';
import type { Declared } from '../world.ts';

describe('pulumi import with the code that it writes, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(4);
    for (const [at, host] of hosts.entries()) {
      fleet.control.isolate(host, { comment: `INC-${at}`, isolationType: at % 2 === 0 ? 'Full' : 'Selective' });
    }
    fleet.control.advance('10m');
  });
  after(() => fleet.end());

  it('takes several resources of both kinds at once, by ids or by a name, and sends nothing', async () => {
    const ids = hosts.map((host) => fleet.control.machine(host).id);
    const type = { single: 'mde:index:MachineIsolation', set: 'mde:index:Quarantine' };
    const resources = [
      { type: type.single, name: 'by-id', id: ids[0] },
      { type: type.single, name: 'by-name', id: hosts[1] },
      { type: type.set, name: 'fleet', id: ids.slice(2).join(',') },
    ];
    writeFileSync(join(fleet.folder, 'import.json'), JSON.stringify({ resources }));
    succeeded(await fleet.pulumi(['import', '--file', 'import.json', '--out', 'imported.txt', '--yes']));
    expect(fleet.writes()).to.equal(0);
    expect((await fleet.state())['by-name']).to.include({ machineId: ids[1], owned: true, isolationType: 'Selective' });
  });

  it('put into the program as it is, a preview and a refresh are empty', async () => {
    const written = parse(readFileSync(join(fleet.folder, 'imported.txt'), 'utf8')) as {
      resources: Record<string, Declared>;
    };
    expect(Object.keys(written.resources)).to.have.members(['by-id', 'by-name', 'fleet']);
    fleet.declare(written.resources);
    succeeded(await fleet.preview('--expect-no-changes'));
    succeeded(await fleet.refresh('--expect-no-changes'));
    expect(fleet.writes()).to.equal(0);
  });

  it('what was imported is protected, as the code says: a destroy is refused', async () => {
    tells(failed(await fleet.destroy()), 'because it is protected');
    expect(fleet.writes()).to.equal(0);
  });
});
