import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('semantics 4.3: an offline host and a time-out, on the real engine', () => {
  let world: World;
  let ids: Record<'back' | 'away' | 'submitted' | 'online', string>;

  const declare = () => {
    const impatient = { customTimeouts: { create: '2s', update: '2s' } };
    world.declare({
      back: { properties: { machineId: ids.back, comment: 'INC-1' }, options: impatient },
      away: { properties: { machineId: ids.away, comment: 'INC-2' }, options: impatient },
      submitted: { properties: { machineId: ids.submitted, comment: 'INC-3', waitFor: 'Submitted' } },
      online: { properties: { machineId: ids.online, comment: 'INC-4' } },
    });
  };

  before(async () => {
    world = await makeWorld();
    const add = (name: string, online = false) =>
      world.control.addMachine({ computerDnsName: `${name}.contoso.com`, online }).id;
    ids = { back: add('back'), away: add('away'), submitted: add('submitted'), online: add('online', true) };
    declare();
  });
  after(() => world.end());

  let text: string;

  it('the run that sent the request says NOT CONTAINED YET and ends non-zero', async () => {
    text = failed(await world.up('--continue-on-error'));
    for (const name of ['back', 'away'] as const) {
      const [action] = world.isolates(ids[name]);
      tells(
        text,
        `NOT CONTAINED YET: ${name}.contoso.com (${ids[name]}): the isolation request ${action?.id} of pulumi-mde is Pending`,
      );
    }
    tells(text, 'MDE tries until', 'Run again to see what became of it');
  });

  it('what was asked for is kept in state', async () => {
    const state = await world.state();
    for (const name of ['back', 'away', 'submitted'] as const) {
      const [action] = world.isolates(ids[name]);
      expect(state[name], name).to.include({ actionId: action?.id, state: 'isolating', owned: true });
    }
  });

  it('semantics 9: the end of the run tells first what is not contained yet, then what was done', () => {
    const screen = text.slice(text.lastIndexOf('NOT CONTAINED YET (3):'));
    tells(
      screen,
      /back\.contoso\.com: the isolation request \S+ of pulumi-mde is Pending/,
      'submitted.contoso.com: submitted, not contained yet',
    );
    const order = ['NOT CONTAINED YET (', 'isolated: 1 (online.contoso.com)', '1 host is contained, for certain until'];
    const places = order.map((words) => screen.indexOf(words));
    expect(places, screen).to.deep.equal([...places].sort((a, b) => a - b));
    expect(places, screen).to.not.include(-1);
    for (const name of ['back', 'away', 'submitted']) {
      expect(screen, screen).to.not.match(new RegExp(`isolated: \\d+ \\([^)]*${name}`));
    }
  });

  it('a later run is in sync with what still runs: a warning, exit code 0, and nothing is sent', async () => {
    const sent = world.writes();
    const later = succeeded(await world.up());
    expect(world.writes()).to.equal(sent);
    tells(later, /warning: NOT CONTAINED YET: away\.contoso\.com .* is still Pending; MDE gives it up at/);
  });

  it('a host that came back is isolated by the waiting request, and the run after it is in sync', async () => {
    world.control.setMachine(ids.back, { online: true });
    world.control.advance('5m');
    const sent = world.writes();
    succeeded(await world.up());
    expect(world.writes()).to.equal(sent);
    expect((await world.state()).back).to.include({ state: 'isolated', owned: true });
  });

  it('semantics 1.5: a request that ended TimeOut is a difference, and is sent once more', async () => {
    world.control.advance('73h');
    expect(world.isolates(ids.away)[0]?.status).to.equal('TimeOut');
    tells(succeeded(await world.preview()), /would isolate away\.contoso\.com .*ended TimeOut/);
    failed(await world.up('--target', 'urn:pulumi:dev::containment::mde:index:MachineIsolation::away'));
    expect(world.isolates(ids.away)).to.have.length(2);
    expect(world.isolates(ids.back)).to.have.length(1);
  });
});
