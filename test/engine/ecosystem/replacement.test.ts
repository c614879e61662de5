import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { type Fleet, inline, makeFleet } from '../quarantine/fleet.ts';
import type { Declared } from '../world.ts';

const everythingMayGo = { guardrails: { maxReleases: 10, maxReleasePercent: 100 } };
const urn = (name: string) => `urn:pulumi:dev::containment::mde:index:MachineIsolation::${name}`;

describe('semantics 6.4: replacements that the program or the command line asks for, on the real engine', () => {
  let fleet: Fleet;
  let id: Readonly<Record<string, string>>;

  const host = (properties: Record<string, unknown>, options: Record<string, unknown> = {}): Declared => ({
    properties: { comment: 'INC-1', ...properties },
    options,
  });
  const set = (comment: string, options: Record<string, unknown>): Declared => ({
    ...inline(['pc-03.contoso.com', { machineId: id['pc-04'] }], { comment }),
    options,
  });
  const isolatedNow = () => Object.keys(id).filter((name) => fleet.isIsolated(`${name}.contoso.com`));

  before(async () => {
    fleet = await makeFleet();
    const names = fleet.addHosts(9).map((name) => name.replace('.contoso.com', ''));
    id = Object.fromEntries(names.map((name) => [name, fleet.control.machine(`${name}.contoso.com`).id]));
    fleet.declare(
      {
        forced: host({ machineId: id['pc-00'] }),
        'by-option': host({ machineId: id['pc-01'] }),
        'deleted-first': host({ deviceName: 'pc-02.contoso.com' }),
        fleet: set('INC-1', {}),
      },
      everythingMayGo,
    );
    succeeded(await fleet.up());
  });
  after(() => fleet.end());

  it('a resource that is replaced over the same hosts sends nothing, whichever of the two the engine does first', async () => {
    const sent = fleet.writes();
    const changed = { comment: 'INC-2' };
    fleet.declare(
      {
        forced: host({ machineId: id['pc-00'] }),
        'by-option': host({ machineId: id['pc-01'], ...changed }, { replaceOnChanges: ['comment'] }),
        'deleted-first': host(
          { deviceName: 'pc-02.contoso.com', ...changed },
          { replaceOnChanges: ['comment'], deleteBeforeReplace: true },
        ),
        fleet: set('INC-2', { replaceOnChanges: ['hosts'] }),
      },
      everythingMayGo,
    );
    const text = succeeded(await fleet.up('--replace', urn('forced')));
    tells(text, '+-4 replaced', 'pc-00.contoso.com stays isolated: forced declares it now; nothing was sent');
    expect(fleet.writes()).to.equal(sent);
    expect(isolatedNow()).to.have.length(5);
    for (const [name, outputs] of Object.entries(await fleet.state())) {
      expect(outputs, name).to.include({ state: 'isolated', owned: true });
    }
    for (const line of Object.values((await fleet.sets()).fleet?.lines ?? {}))
      expect(line).to.match(/^isolated, .*ours/);
    succeeded(await fleet.up('--expect-no-changes'));
  });

  it('deleteBeforeReplace over another host, or on a resource that names it, is refused: the old one stays isolated', async () => {
    const first = { deleteBeforeReplace: true };
    const names = (comment: string, options = {}) => ({
      telling: host({ machineId: id['pc-05'], comment }, { replaceOnChanges: ['comment'], ...options }),
      told: host({ deviceName: `\${telling.comment}` }),
    });
    fleet.declare({ moved: host({ machineId: id['pc-00'] }), ...names('pc-06.contoso.com') }, everythingMayGo);
    succeeded(await fleet.up());
    const sent = fleet.writes();
    // One after the other: the first refusal ends a run.
    fleet.declare({ moved: host({ machineId: id['pc-08'] }, first), ...names('pc-06.contoso.com') }, everythingMayGo);
    tells(
      failed(await fleet.up()),
      `NOT RELEASED: pc-00.contoso.com (${id['pc-00']}): moved declares ${id['pc-08']} now`,
      'the engine deletes first (deleteBeforeReplace)',
    );
    fleet.declare({ moved: host({ machineId: id['pc-00'] }), ...names('pc-07.contoso.com', first) }, everythingMayGo);
    tells(
      failed(await fleet.up()),
      `NOT RELEASED: pc-06.contoso.com (${id['pc-06']}): whom told declares comes from a resource that the engine deletes`,
      'Set deleteBeforeReplace: false on that resource, then run again',
    );
    expect(fleet.unisolates('pc-00.contoso.com')).to.deep.equal([]);
    expect(fleet.unisolates('pc-06.contoso.com')).to.deep.equal([]);
    expect(fleet.writes()).to.equal(sent);
    // The way on: what is new is isolated first.
    fleet.declare(
      { moved: host({ machineId: id['pc-08'] }), ...names('pc-07.contoso.com', { deleteBeforeReplace: false }) },
      everythingMayGo,
    );
    succeeded(await fleet.up());
    expect(isolatedNow()).to.deep.equal(['pc-05', 'pc-07', 'pc-08']);
  });

  it('a replacement that cannot be isolated releases nobody, also with --continue-on-error', async () => {
    const sent = fleet.writes();
    fleet.declare({ moved: host({ machineId: 'f'.repeat(40) }) }, everythingMayGo);
    tells(failed(await fleet.up('--continue-on-error', '--target', urn('moved'))), 'Defender knows no machine');
    expect(fleet.writes()).to.equal(sent);
    expect((await fleet.state()).moved).to.include({ machineId: id['pc-08'], state: 'isolated' });
  });
});
