import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, type World } from './world.ts';

const everythingMayGo = { guardrails: { maxReleases: 10, maxReleasePercent: 100 } };

describe('semantics 6.4: one machine, one declaration, on the real engine', () => {
  let world: World;
  let ids: Record<'renamed' | 'left' | 'right' | 'aliased' | 'told' | 'first' | 'second', string>;

  const host = (machineId: string, options: Record<string, unknown> = {}): Declared => ({
    properties: { machineId, comment: 'INC-1' },
    options,
  });

  before(async () => {
    world = await makeWorld();
    const add = (name: string) => world.control.addMachine({ computerDnsName: `${name}.contoso.com` }).id;
    ids = {
      renamed: add('renamed'),
      left: add('left'),
      right: add('right'),
      aliased: add('aliased'),
      told: add('told'),
      first: add('first'),
      second: add('second'),
    };
    world.declare(
      {
        'old-name': host(ids.renamed),
        left: host(ids.left),
        right: host(ids.right),
        'old-alias': host(ids.aliased),
        told: host(ids.told),
        replaced: host(ids.first),
      },
      everythingMayGo,
    );
    succeeded(await world.up());
    expect(world.writes()).to.equal(6);
  });
  after(() => world.end());

  it('a rename, a swap, an alias and an id turned into a name send nothing and release nobody', async () => {
    world.declare(
      {
        'new-name': host(ids.renamed),
        left: host(ids.right),
        right: host(ids.left),
        'new-alias': host(ids.aliased, {
          aliases: ['urn:pulumi:dev::containment::mde:index:MachineIsolation::old-alias'],
        }),
        told: { properties: { deviceName: 'told.contoso.com', comment: 'INC-1' } },
        replaced: host(ids.first),
      },
      everythingMayGo,
    );
    const text = succeeded(await world.pulumi(['up', '--yes']));
    expect(world.writes()).to.equal(6);
    tells(text, 'renamed.contoso.com stays isolated: new-name declares it now; nothing was sent');
    const state = await world.state();
    expect(Object.keys(state)).to.have.members(['new-name', 'left', 'right', 'new-alias', 'told', 'replaced']);
    for (const [name, outputs] of Object.entries(state)) {
      expect(outputs, name).to.include({ state: 'isolated', owned: true });
    }
    expect(state.left).to.include({ machineId: ids.right });
  });

  it('after it, up is empty', async () => {
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.writes()).to.equal(6);
  });

  it('a declaration that turns to another machine isolates that one before it releases the old one', async () => {
    const now = { ...(await currentDeclaration()), replaced: host(ids.second) };
    world.declare(now, everythingMayGo);
    tells(succeeded(await world.preview('--diff')), 'machineId');
    expect(world.writes()).to.equal(6);
    succeeded(await world.up());
    const isolate = world.isolates(ids.second)[0];
    const unisolate = world.unisolates(ids.first)[0];
    expect(isolate?.status).to.equal('Succeeded');
    expect(Date.parse(isolate?.lastUpdateDateTimeUtc ?? '')).to.be.below(
      Date.parse(unisolate?.creationDateTimeUtc ?? ''),
    );
    expect(world.isIsolated(ids.first)).to.equal(false);
    expect(world.writes()).to.equal(8);
  });

  it('one machine declared twice, by id or by name, is refused and nothing is sent', async () => {
    const extra = world.control.addMachine({ computerDnsName: 'extra.contoso.com' }).id;
    world.declare(
      { ...(await currentDeclaration()), one: host(extra), two: host(extra.toUpperCase()) },
      everythingMayGo,
    );
    tells(failed(await world.pulumi(['up', '--yes'])), `${extra} is already declared by`, 'Remove one of the two');
    world.declare(
      {
        ...(await currentDeclaration()),
        one: host(extra),
        two: { properties: { deviceName: 'EXTRA.contoso.com', comment: 'INC-1' } },
      },
      everythingMayGo,
    );
    tells(failed(await world.pulumi(['up', '--yes'])), 'already declared by', 'Remove one of the two');
    expect(world.writes()).to.equal(8);
  });

  /** What the stack holds now, declared by machine id. */
  async function currentDeclaration(): Promise<Record<string, Declared>> {
    const state = await world.state();
    return Object.fromEntries(Object.entries(state).map(([name, outputs]) => [name, host(String(outputs.machineId))]));
  }
});
