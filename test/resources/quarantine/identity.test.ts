import { expect } from 'chai';
import { fails, inWorld, pc, quarantine, succeeds, type World } from '../host.ts';
import { counts, fleet, free, q } from './declared.ts';

const named = (world: World, name: string, more: object = {}) => world.host({ computerDnsName: name, ...more });

describe('Quarantine: who is meant', function () {
  this.timeout(30_000);

  it('semantics 6.1: a name binds once, ignoring case; state keeps the machine', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'Pc-7.Contoso.com');
      succeeds(await world.up(q([{ deviceName: 'Pc-7.Contoso.com', comment: 'INC-1' }])));
      expect(world.held()['pc-7.contoso.com']).to.include({ machineId: id });
      await world.settled(q([{ deviceName: 'pc-7.CONTOSO.com', comment: 'INC-1' }]));
      expect(counts(world, 'Isolate', [id])).to.deep.equal([1]);
    }));

  it('semantics 6.1: a name that nobody or several have fails that host alone, and says who they are', () =>
    inWorld({}, async (world) => {
      const twins = [named(world, 'twin.contoso.com'), named(world, 'twin.contoso.com')];
      const good = named(world, 'good.contoso.com');
      const program = q(
        ['twin.contoso.com', 'nobody.contoso.com', 'good.contoso.com'].map((deviceName) => ({
          deviceName,
          comment: 'x',
        })),
      );
      const preview = await world.preview(program);
      fails(preview, { q: 'no machine is named nobody.contoso.com' });
      const run = await world.up(program);
      fails(run, { q: 'no machine is named nobody.contoso.com' });
      for (const id of twins) expect(run.failures.q).to.contain(id);
      expect(free(world, [good, ...twins])).to.deep.equal(twins);
      expect(Object.keys(world.held())).to.deep.equal(['good.contoso.com']);
      expect(run.summary).to.match(/^NOT CONTAINED \(2\)/);
    }));

  it('semantics 6.2: a name that later means another machine fails that host; the old one stays isolated and renewed, the new one free', () =>
    inWorld({}, async (world) => {
      const [old, other] = [named(world, 'pc-a.contoso.com'), named(world, 'pc-b.contoso.com')];
      const program = q([
        { deviceName: 'pc-a.contoso.com', comment: 'x' },
        { deviceName: 'pc-b.contoso.com', comment: 'x' },
      ]);
      succeeds(await world.up(program));
      world.control.rename(old, 'pc-old.contoso.com');
      const fresh = named(world, 'pc-a.contoso.com');
      for (const run of [await world.preview(program), await world.up(program)]) {
        fails(run, { q: old });
        expect(run.failures.q).to.contain(fresh);
      }
      expect(counts(world, 'Unisolate', [old, fresh])).to.deep.equal([0, 0]);
      expect(counts(world, 'Isolate', [old, other, fresh])).to.deep.equal([1, 1, 0]);
      world.pass('80h');
      fails(await world.up(program), { q: fresh });
      expect(counts(world, 'Isolate', [old, other, fresh])).to.deep.equal([2, 2, 0]);
      expect(world.held()['pc-a.contoso.com']).to.include({ machineId: old });
    }));

  it('semantics 6.2: a renamed device is a warning and no difference', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-a.contoso.com');
      const program = q([{ deviceName: 'pc-a.contoso.com', comment: 'x' }]);
      succeeds(await world.up(program));
      world.control.rename(id, 'pc-z.contoso.com');
      const run = await world.settled(program);
      expect(run.warnings.join()).to.contain('now named pc-z.contoso.com');
    }));

  it('semantics 6.2: where the id is declared beside the name, a renamed device is a warning, whoever bears the name now', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-a.contoso.com');
      const program = q([{ machineId: id, deviceName: 'pc-a.contoso.com', comment: 'x' }]);
      succeeds(await world.up(program));
      world.control.rename(id, 'pc-z.contoso.com');
      const other = named(world, 'pc-a.contoso.com');
      const run = await world.settled(program);
      expect(run.warnings.join()).to.contain('pc-z.contoso.com');
      expect(free(world, [id, other])).to.deep.equal([other]);
    }));

  it('id and name that disagree: nothing is sent for that host', () =>
    inWorld({}, async (world) => {
      const [a, b] = [named(world, 'pc-a.contoso.com'), named(world, 'pc-b.contoso.com')];
      const program = q([{ machineId: a, deviceName: 'pc-b.contoso.com', comment: 'x' }]);
      fails(await world.preview(program), { q: 'is named pc-a.contoso.com in Defender' });
      fails(await world.up(program), { q: 'is named pc-a.contoso.com in Defender' });
      expect(free(world, [a, b])).to.deep.equal([a, b]);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('a slip in the machine id of a host whose name stays releases nobody', () =>
    inWorld({}, async (world) => {
      const [a, b] = [named(world, 'pc-a.contoso.com'), named(world, 'pc-b.contoso.com')];
      for (const before of [
        { deviceName: 'pc-a.contoso.com', comment: 'x' },
        { machineId: a, deviceName: 'pc-a.contoso.com', comment: 'x' },
      ]) {
        succeeds(await world.up(q([before])));
        const slip = q([{ machineId: b, deviceName: 'pc-a.contoso.com', comment: 'x' }]);
        fails(await world.preview(slip), { q: 'is named pc-b.contoso.com in Defender' });
        const run = await world.up(slip);
        fails(run, { q: 'is named pc-b.contoso.com in Defender' });
        expect(run.failures.q).to.contain(`not released`);
        expect(free(world, [a, b])).to.deep.equal([b]);
        expect(Object.values(world.held()).map(({ machineId }) => machineId)).to.deep.equal([a]);
        await world.settled(q([before]));
      }
      expect(counts(world, 'Isolate', [a, b])).to.deep.equal([1, 0]);
    }));

  it('semantics 6.2: a slip in the machine id that names another contained host of the set releases nobody', () =>
    inWorld({ config: { guardrails: { maxReleases: 9, maxReleasePercent: 100 } } }, async (world) => {
      const [a, b] = [named(world, 'pc-a.contoso.com'), named(world, 'pc-b.contoso.com')];
      const before = q([
        { machineId: a, deviceName: 'pc-a.contoso.com', comment: 'x', restrictCodeExecution: true },
        { deviceName: 'pc-b.contoso.com', comment: 'x', restrictCodeExecution: true },
      ]);
      succeeds(await world.up(before));
      const slip = q([{ machineId: b, deviceName: 'pc-a.contoso.com', comment: 'x' }]);
      for (const run of [await world.preview(slip), await world.up(slip)])
        expect(run.failures.q).to.contain(`not released: pc-a.contoso.com (${a})`);
      expect(free(world, [a, b])).to.deep.equal([]);
      expect(world.restricted(a)).to.equal(true);
      // Where Defender gives that machine the name, it is meant.
      world.control.rename(a, 'pc-old.contoso.com');
      world.control.rename(b, 'pc-a.contoso.com');
      succeeds(await world.up(slip));
      expect(free(world, [a, b])).to.deep.equal([a]);
    }));

  for (const [from, before] of [
    ['set', (machineId: string) => quarantine({ hosts: [{ machineId, comment: 'x' }] })],
    ['single', (machineId: string) => ({ machineId, comment: 'x' })],
  ] as const)
    it(`semantics 6.2: nor does a slip in another set, into which the host moved (${from})`, () =>
      inWorld({ config: { guardrails: { maxReleases: 9, maxReleasePercent: 100 } } }, async (world) => {
        const [a, b] = [named(world, 'pc-a.contoso.com'), named(world, 'pc-b.contoso.com')];
        const other = { machineId: b, comment: 'x' };
        succeeds(await world.up({ a: before(a), b: quarantine({ hosts: [other] }) }));
        const slip = quarantine({ hosts: [{ ...other, deviceName: 'pc-a.contoso.com' }] });
        const run = await world.up({ b: slip }, { continueOnError: true });
        expect(run.failures.a).to.contain('not released').and.to.contain(`${b} now`);
        expect(free(world, [a, b])).to.deep.equal([]);
      }));

  it('the new machine id of a reinstalled device, with its name: the new one is isolated, the old one goes', () =>
    inWorld({}, async (world) => {
      const old = named(world, 'pc-a.contoso.com');
      succeeds(await world.up(q([{ machineId: old, deviceName: 'pc-a.contoso.com', comment: 'x' }])));
      world.control.setMachine(old, { computerDnsName: 'pc-a.contoso.com' });
      const fresh = world.control.reinstall(old, { merged: false }).id;
      world.control.setMachine(old, { online: true });
      succeeds(await world.up(q([{ machineId: fresh, deviceName: 'pc-a.contoso.com', comment: 'x' }])));
      expect(free(world, [old, fresh])).to.deep.equal([old]);
      expect(world.held()['pc-a.contoso.com']).to.include({ machineId: fresh });
    }));

  it('one machine under two names of two entries: the second fails, and the machine stays isolated', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-a.contoso.com');
      const entries = [
        { deviceName: 'pc-a.contoso.com', comment: 'x' },
        { machineId: id, comment: 'x' },
      ];
      for (const hosts of [entries, [...entries].reverse()]) {
        fails(await world.up(q(hosts)), { q: /already declared by q \(/ });
        expect(free(world, [id])).to.deep.equal([]);
      }
      succeeds(await world.up(q([{ machineId: id, comment: 'x' }])));
      expect(counts(world, 'Isolate', [id])).to.deep.equal([1]);
      expect(counts(world, 'Unisolate', [id])).to.deep.equal([0]);
    }));

  it('how a host is named may change, from id to name and back: it is the same machine, and no release counts', () =>
    inWorld({ config: { guardrails: { maxReleases: 0 } } }, async (world) => {
      const ids = ['a', 'b', 'c'].map((name) => named(world, `pc-${name}.contoso.com`));
      const byId = q(ids.map((machineId) => ({ machineId, comment: 'x' })));
      const byName = q(['a', 'b', 'c'].map((name) => ({ deviceName: `pc-${name}.contoso.com`, comment: 'x' })));
      const both = q(
        ['a', 'b', 'c'].map((name, index) => ({
          machineId: ids[index] ?? '',
          deviceName: `pc-${name}.contoso.com`,
          comment: 'x',
        })),
      );
      succeeds(await world.up(byId));
      for (const program of [byName, both, byId, both, byName, byId]) {
        succeeds(await world.preview(program));
        succeeds(await world.up(program));
        await world.settled(program);
        expect(
          Object.values(world.held()).map(({ machineId, state }) => [machineId, state.owned]),
        ).to.have.deep.members(ids.map((id) => [id, true]));
      }
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1]);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));

  it('a host by id keeps it when another entry claims its old name, whichever stands first', () =>
    inWorld({}, async (world) => {
      const old = named(world, 'pc-a.contoso.com');
      succeeds(await world.up(q([{ machineId: old, comment: 'x' }])));
      await world.refresh();
      world.control.rename(old, 'pc-old.contoso.com');
      const fresh = named(world, 'pc-a.contoso.com');
      const hosts = [
        { deviceName: 'pc-a.contoso.com', comment: 'x' },
        { machineId: old, comment: 'x' },
      ];
      succeeds(await world.up(q(hosts), { readFirst: false }));
      expect(free(world, [old, fresh])).to.deep.equal([]);
      expect(world.ours('Unisolate')).to.deep.equal([]);
      await world.settled(q(hosts));
    }));

  for (const [what, order] of [
    ['the leaving set first', ['a', 'b']],
    ['the receiving set first', ['b', 'a']],
  ] as const) {
    for (const by of ['machineId', 'deviceName'] as const) {
      it(`semantics 6.4: a move between two sets in one run releases nobody, and ownership goes along (${by}, ${what})`, () =>
        inWorld({}, async (world) => {
          const ids = Array.from({ length: 6 }, (_, index) => named(world, `pc-${index}.contoso.com`));
          const hosts = ids.map((id, index) =>
            by === 'machineId'
              ? { machineId: id, comment: 'x' }
              : { deviceName: `pc-${index}.contoso.com`, comment: 'x' },
          );
          const inOrder = (a: typeof hosts, b: typeof hosts) => {
            const sets = { a: quarantine({ hosts: a }), b: quarantine({ hosts: b }) };
            return Object.fromEntries(order.map((name) => [name, sets[name]]));
          };
          succeeds(await world.up(inOrder(hosts.slice(0, 5), hosts.slice(5))));
          const moved = inOrder(hosts.slice(0, 1), hosts.slice(1));
          succeeds(await world.preview(moved));
          succeeds(await world.up(moved));
          expect(world.ours('Unisolate')).to.deep.equal([]);
          expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 1));
          expect(Object.values(world.held('b')).map(({ state }) => state.owned)).to.deep.equal(
            ids.slice(1).map(() => true),
          );
          await world.settled(moved);
          succeeds(await world.up(inOrder(hosts.slice(0, 1), hosts.slice(2))));
          expect(free(world, ids)).to.deep.equal([ids[1]]);
        }));
    }
  }

  for (const [what, order] of [
    ['the set first', ['set', 'pc']],
    ['the single resource first', ['pc', 'set']],
  ] as const) {
    for (const by of ['machineId', 'deviceName'] as const) {
      it(`semantics 6.4: a move between a set and a MachineIsolation and back releases nobody (${by}, ${what})`, () =>
        inWorld({}, async (world) => {
          const [id, other] = [named(world, 'pc-1.contoso.com'), named(world, 'pc-2.contoso.com')];
          const one = by === 'machineId' ? { machineId: id } : { deviceName: 'pc-1.contoso.com' };
          const rest = { machineId: other, comment: 'x' };
          const inSet = { set: quarantine({ hosts: [{ ...one, comment: 'x' }, rest] }) };
          const sets = { set: quarantine({ hosts: [rest] }), pc: { ...one, comment: 'x' } };
          const apart = Object.fromEntries(order.map((name) => [name, sets[name]]));
          succeeds(await world.up(inSet));
          for (const program of [apart, inSet, apart]) {
            succeeds(await world.preview(program));
            succeeds(await world.up(program));
            await world.settled(program);
          }
          expect(world.outputs('pc')).to.include({ owned: true });
          expect(world.ours('Unisolate')).to.deep.equal([]);
          expect(counts(world, 'Isolate', [id, other])).to.deep.equal([1, 1]);
          succeeds(await world.up({ set: quarantine({ hosts: [rest] }) }));
          expect(free(world, [id, other])).to.deep.equal([id]);
        }));
    }
  }

  it('semantics 6.4: a renamed set releases nobody, by ids or by names', () =>
    inWorld({}, async (world) => {
      const ids = ['a', 'b', 'c'].map((name) => named(world, `pc-${name}.contoso.com`));
      const hosts = [
        { machineId: ids[0] ?? '', comment: 'x' },
        ...['b', 'c'].map((name) => ({ deviceName: `pc-${name}.contoso.com`, comment: 'x' })),
      ];
      succeeds(await world.up({ first: quarantine({ hosts }) }));
      succeeds(await world.up({ second: quarantine({ hosts }) }));
      expect(world.stack.entries.map(({ name }) => name)).to.deep.equal(['second']);
      expect(Object.values(world.held('second')).map(({ state }) => state.owned)).to.deep.equal([true, true, true]);
      await world.settled({ second: quarantine({ hosts }) });
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1]);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));

  it('semantics 6.4: two sets that declare one host: the second is refused, by id before anything is sent, by name when it is bound', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-1.contoso.com');
      const hosts = [{ machineId: id, comment: 'x' }];
      const run = await world.up({ a: quarantine({ hosts }), b: quarantine({ hosts }) });
      fails(run, { 'b.hosts': 'already declared by a (' });
      const byName = [{ deviceName: 'pc-1.contoso.com', comment: 'x' }];
      fails(await world.up({ a: quarantine({ hosts }), b: quarantine({ hosts: byName }) }), {
        b: 'already declared by a (',
      });
      expect(counts(world, 'Isolate', [id])).to.deep.equal([1]);
    }));

  it('semantics 6.4: a host that moves into a set that cannot be read is not released', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      succeeds(await world.up({ a: quarantine({ hosts }) }));
      const broken = quarantine({ manifest: 'version: 1\ncomment: x\nhosts: [{ machineid: oops }]' });
      const run = await world.up({ b: broken }, { continueOnError: true });
      expect(run.text).to.contain('machineid');
      expect(run.failures.a).to.contain('not released');
      expect(free(world, ids)).to.deep.equal([]);
    }));

  for (const [what, faulty] of [
    ['the actions', { route: 'GET machineactions', effect: { kind: 'list', countError: 1 } }],
    ['the machines', { route: 'GET machines', effect: { kind: 'answer', status: 500 } }],
  ] as const) {
    for (const by of ['id', 'both', 'single'] as const) {
      it(`semantics 6.4: a host that moves while ${what} cannot be looked up is in one state or the other (${by})`, () =>
        inWorld({}, async (world) => {
          const id = named(world, 'pc-1.contoso.com');
          const host = { machineId: id, comment: 'x', ...(by === 'both' ? { deviceName: 'pc-1.contoso.com' } : {}) };
          const rest = { machineId: world.host(), comment: 'x' };
          succeeds(await world.up({ a: quarantine({ hosts: [host, rest] }) }));
          const moved = { a: quarantine({ hosts: [rest] }), b: by === 'single' ? host : quarantine({ hosts: [host] }) };
          const fault = world.control.addFault(faulty);
          await world.up(moved);
          world.control.removeFault(fault);
          const holders = ['a', 'b'].filter(
            (name) =>
              world.stack.entry(name) !== undefined &&
              (world.outputs(name).machineId === id ||
                Object.values(world.held(name)).some(({ machineId }) => machineId === id)),
          );
          expect(holders).not.to.deep.equal([]);
          succeeds(
            await world.up(
              { a: quarantine({ hosts: [rest] }) },
              { config: { guardrails: { maxReleases: 100, maxReleasePercent: 100 } } },
            ),
          );
          expect(free(world, [id])).to.deep.equal([id]);
        }));
    }
  }

  it('semantics 6.4: a host that moves from a resource that nobody read first, to a set that cannot look at it, stays in state', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.addFault({ effect: { kind: 'list', countError: 1 }, route: 'GET machineactions' });
      const moved = q([{ machineId: id, comment: 'INC-1' }]);
      const run = await world.up(moved, { readFirst: false, continueOnError: true });
      fails(run, {
        q: 'its containment could not be observed',
        pc: /^pc-\d+\.contoso\.com \([0-9a-f]{40}\): not released: q \(/,
      });
      expect(run.failures.pc).to.contain('could not take it over in this run. It stays isolated and in state');
      expect(world.stack.entry('pc')).to.not.equal(undefined);
      world.control.clearFaults();
      succeeds(await world.up(moved));
      expect(world.stack.entries.map(({ name }) => name)).to.deep.equal(['q']);
      expect(world.isolated(id)).to.equal(true);
      expect(world.ours('Unisolate', id)).to.have.length(0);
    }));

  it('semantics 6.4: a host that moves to a name that several have stays in state', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-1.contoso.com');
      const rest = { machineId: world.host(), comment: 'x' };
      succeeds(await world.up({ a: quarantine({ hosts: [{ machineId: id, comment: 'x' }, rest] }) }));
      world.control.reinstall(id, { merged: false });
      const byName = quarantine({ hosts: [{ deviceName: 'pc-1.contoso.com', comment: 'x' }] });
      const run = await world.up({ a: quarantine({ hosts: [rest] }), b: byName });
      expect(run.failures.b).to.contain('ambiguous');
      expect(run.failures.a).to.contain('not released');
      expect(Object.keys(world.held('a'))).to.include(id);
      expect(free(world, [id])).to.deep.equal([]);
    }));

  it('semantics 6.4: nor is it forgotten where nothing was read first', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-1.contoso.com');
      const host = { machineId: id, comment: 'x' };
      const rest = { machineId: world.host(), comment: 'x' };
      succeeds(await world.up({ a: quarantine({ hosts: [host, rest] }) }));
      world.control.addFault({ effect: { kind: 'list', countError: 1 }, route: 'GET machineactions' });
      await world.up({ a: quarantine({ hosts: [rest] }), b: host }, { readFirst: false });
      expect([...Object.keys(world.held('a')), world.stack.entry('b')?.id]).to.include(id);
    }));

  it('semantics 2.5, 6.4: a host that moves under an id and a name that disagree stays in state, and is renewed', () =>
    inWorld({}, async (world) => {
      const id = named(world, 'pc-1.contoso.com');
      const rest = { machineId: world.host(), comment: 'x' };
      succeeds(await world.up({ a: quarantine({ hosts: [{ machineId: id, comment: 'x' }, rest] }) }));
      const slip = { machineId: id, deviceName: 'pc-9.contoso.com', comment: 'x' };
      const moved = { a: quarantine({ hosts: [rest] }), b: quarantine({ hosts: [slip] }) };
      fails(await world.up(moved), { b: 'correct one of the two' });
      expect(world.held('b')['pc-9.contoso.com']).to.include({ machineId: id });
      for (let day = 0; day < 12; day += 1) {
        world.pass('1d');
        await world.up(moved);
        expect(world.isolated(id), `day ${day}`).to.equal(true);
      }
    }));

  it('semantics 2.5, 6.4: a host that is not released since some name cannot be told is renewed, day after day', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      succeeds(await world.up(q(hosts)));
      const program = q([...hosts.slice(1), { deviceName: 'pc-ghost.contoso.com', comment: 'x' }]);
      for (let day = 0; day < 12; day += 1) {
        world.pass('1d');
        expect((await world.up(program)).failures.q).to.contain('not released');
        expect(free(world, ids), `day ${day}`).to.deep.equal([]);
      }
    }));

  for (const from of ['set', 'single'] as const) {
    it(`semantics 6.2: a machine that now bears a name which is bound to another is not released until that is settled (${from})`, () =>
      inWorld({}, async (world) => {
        const old = named(world, 'pc-1.contoso.com');
        const other = named(world, 'pc-2.contoso.com');
        const rest = { machineId: world.host(), comment: 'x' };
        const byName = quarantine({ hosts: [{ deviceName: 'pc-1.contoso.com', comment: 'x' }] });
        const byId = { machineId: other, comment: 'x' };
        const before = from === 'set' ? quarantine({ hosts: [byId, rest] }) : byId;
        succeeds(await world.up({ a: byName, b: before }));
        world.control.rename(old, 'pc-9.contoso.com');
        world.control.rename(other, 'pc-1.contoso.com');
        const left = { a: byName, ...(from === 'set' ? { b: quarantine({ hosts: [rest] }) } : {}) };
        if (from === 'set') expect((await world.preview(left)).failures.b).to.contain('is not released before');
        const run = await world.up(left, { continueOnError: true });
        expect(run.failures.b).to.contain('is not released before').and.to.contain(old);
        expect(free(world, [old, other])).to.deep.equal([]);
        const settled = { ...left, a: quarantine({ hosts: [{ machineId: old, comment: 'x' }] }) };
        succeeds(await world.up(settled));
        expect(free(world, [old, other])).to.deep.equal([other]);
      }));
  }
});
