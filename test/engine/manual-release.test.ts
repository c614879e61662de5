import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, type World } from './world.ts';

const names = ['plain', 'held', 'asked', 'fought'] as const;

describe('semantics 7: an analyst releases a declared host by hand, on the real engine', () => {
  let world: World;

  const idOf = (name: (typeof names)[number]) => world.control.machine(`${name}.contoso.com`).id;
  const declare = (comments: Partial<Record<string, string>> = {}) => {
    const host = (name: string): Declared => ({
      properties: {
        deviceName: `${name}.contoso.com`,
        comment: comments[name] ?? 'INC-1',
        ...(name === 'held' && { onManualRelease: 'hold' }),
      },
    });
    world.declare(Object.fromEntries(names.map((name) => [name, host(name)])));
  };
  const release = (name: (typeof names)[number], comment: string) => {
    world.control.unisolate(idOf(name), { comment });
    world.control.advance('5m');
    expect(world.isIsolated(idOf(name))).to.equal(false);
  };

  before(async () => {
    world = await makeWorld();
    for (const name of names) world.control.addMachine({ computerDnsName: `${name}.contoso.com` });
    declare();
    succeeded(await world.up());
    release('plain', 'looks clean');
    release('held', 'looks clean');
    release('asked', 'patching, mde-hold until tonight');
    release('fought', 'looks clean');
  });
  after(() => world.end());

  it('a plain preview shows it, with who did it, and sends nothing', async () => {
    const sent = world.writes();
    const text = succeeded(await world.preview());
    tells(text, /would isolate plain\.contoso\.com .*it was released by analyst@contoso\.com at/, '2 to update');
    expect(world.writes()).to.equal(sent);
  });

  it('semantics 7.1, 7.2: up isolates again, except where a hold is declared or asked for', async () => {
    const text = succeeded(await world.up());
    expect(world.isIsolated(idOf('plain'))).to.equal(true);
    expect(world.isIsolated(idOf('fought'))).to.equal(true);
    expect(world.isolates(idOf('held'))).to.have.length(1);
    expect(world.isolates(idOf('asked'))).to.have.length(1);
    tells(text, /held\.contoso\.com .*onManualRelease is hold/, /asked\.contoso\.com .*with mde-hold/);
    expect((await world.state()).held).to.include({ state: 'released' });
  });

  it('semantics 9: the end of the run does not count a held host as contained', async () => {
    const text = succeeded(await world.up());
    tells(text, 'released by hand, and left so (2):', '2 hosts are contained, for certain until');
  });

  it('semantics 7.3: after the second release within a day we stop, say disputed, and end non-zero', async () => {
    release('fought', 'I said it is clean');
    const text = failed(await world.up());
    tells(text, /NOT CONTAINED: fought\.contoso\.com .*is disputed/, 'Settle it with them');
    expect(world.isolates(idOf('fought'))).to.have.length(2);
    expect(world.isIsolated(idOf('plain'))).to.equal(true);
  });

  it('semantics 7.2: a changed declaration ends hold and dispute', async () => {
    declare({ asked: 'INC-1, patched', fought: 'INC-1, settled with the analyst', held: 'INC-1, again' });
    succeeded(await world.up());
    for (const name of names) expect(world.isIsolated(idOf(name)), name).to.equal(true);
    expect(world.isolates(idOf('plain'))).to.have.length(2);
  });
});
