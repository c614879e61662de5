import { expect } from 'chai';
import type { FaultRule } from '../../simulator/faults.ts';
import { createRandom } from '../../simulator/random.ts';
import type { Program } from './engine.ts';
import { fails, inWorld, killed, NotKilled, pc, succeeds, type World } from './host.ts';

const routes = {
  machines: 'GET machines',
  actions: 'GET machineactions',
  isolate: 'POST machines/{id}/isolate',
  unisolate: 'POST machines/{id}/unisolate',
  cancel: 'POST machineactions/{id}/cancel',
};

/** After the faults one run converges, and the next has nothing to do. */
async function converges(world: World, program: Program, contained: readonly string[]): Promise<void> {
  world.control.clearFaults();
  succeeds(await world.up(program));
  await world.settled(program);
  for (const { id } of world.control.machines()) {
    expect(world.isolated(id), `${id} is ${contained.includes(id) ? '' : 'not '}to be isolated`).to.equal(
      contained.includes(id),
    );
  }
}

describe('faults', function () {
  this.timeout(60_000);

  const rules: Readonly<Record<string, readonly FaultRule[]>> = {
    'the connection is reset after each write was accepted': [
      { effect: { kind: 'reset-after' }, route: routes.isolate },
      { effect: { kind: 'reset-after' }, route: routes.unisolate },
      { effect: { kind: 'reset-after' }, route: routes.cancel },
    ],
    'the connection is reset before each write': [
      { effect: { kind: 'reset-before' }, route: routes.isolate },
      { effect: { kind: 'reset-before' }, route: routes.unisolate },
    ],
    'answers to writes cannot be read': [
      { effect: { kind: 'garbage' }, route: routes.isolate },
      { effect: { kind: 'truncated' }, route: routes.unisolate },
    ],
    '500 to every write': [
      { effect: { kind: 'answer', status: 500 }, route: routes.isolate },
      { effect: { kind: 'answer', status: 500 }, route: routes.unisolate },
    ],
    '500 to a third of all calls': [{ effect: { kind: 'answer', status: 500 }, percent: 33 }],
    'a third of all connections are reset': [{ effect: { kind: 'reset-after' }, percent: 33 }],
    'half of all bodies break off': [{ effect: { kind: 'half-body' }, percent: 50 }],
    'storms of 429': [{ effect: { kind: 'answer', status: 429 }, percent: 40 }],
    'storms of 429 with a wait': [
      { effect: { kind: 'answer', status: 429, headers: { 'Retry-After': '7' } }, percent: 60 },
    ],
    'lists with a wrong count': [{ effect: { kind: 'list', countError: 2 }, route: routes.actions, percent: 50 }],
    'lists that are 40 s old': [{ effect: { kind: 'list', staleSeconds: 40 }, route: routes.actions, percent: 50 }],
    'no machine can be looked up': [{ effect: { kind: 'answer', status: 503 }, route: routes.machines }],
  };

  for (const [name, faults] of Object.entries(rules)) {
    it(`${name}: nobody is released or isolated who should not be, and afterwards one run converges`, () =>
      inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
        const { ids, program } = world.hosts(4);
        const { pc1 = {}, pc2 = {}, pc3 = {}, pc4 = {} } = program;
        const bystander = world.host();
        succeeds(await world.up({ pc1, pc2 }));
        for (const rule of faults) world.control.addFault(rule);
        // One stays, one goes, two come.
        const changed = { pc1, pc3, pc4 };
        for (let each = 0; each < 2; each += 1) {
          await world.up(changed, { continueOnError: true });
          world.pass('3m');
        }
        expect(world.isolated(bystander)).to.equal(false);
        expect(world.isolated(ids[0] ?? '')).to.equal(true);
        await converges(world, changed, [ids[0] ?? '', ids[2] ?? '', ids[3] ?? '']);
        expect(world.ours('Unisolate', ids[0])).to.deep.equal([]);
      }));
  }

  it('the token lacks the role: nothing is sent, and what to grant is said; a later grant converges', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const { clientId } = world.simulator.credentials;
      succeeds(await world.up(pc(id)));
      world.control.setRoles(clientId, ['Machine.Isolate']);
      fails(await world.up(pc(id, { comment: 'INC-2' })), { pc: 'Machine.Read.All' });
      expect(world.outputs()).to.include({ state: 'isolated', owned: true });
      world.control.setRoles(clientId, ['Machine.Read.All']);
      fails(await world.up({}), { pc: 'Machine.Isolate' });
      expect(world.isolated(id)).to.equal(true);
      expect(world.control.actions()).to.have.length(1);
      world.control.setRoles(clientId, ['Machine.Read.All', 'Machine.Isolate']);
      await converges(world, pc(id), [id]);
    }));

  it('sign-in fails: every host keeps its last known state, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const before = world.outputs();
      world.control.expireSecrets(world.simulator.credentials.clientId);
      const read = await world.refresh();
      expect(read.unhealthy.pc).to.contain('expired');
      expect(world.outputs()).to.deep.equal(before);
      fails(await world.up(pc(id, { comment: 'INC-2' })), { pc: 'expired' });
      fails(await world.up({}), { pc: 'not released' });
      const clientSecret = world.control.addSecret(world.simulator.credentials.clientId);
      succeeds(await world.up(pc(id), { config: { clientSecret } }));
      expect(world.control.actions()).to.have.length(1);
    }));

  it('the service goes away in the middle of a run: what was sent is kept, and the next run goes on', async () => {
    for (const at of ['4s', '40s']) {
      await inWorld({}, async (world) => {
        const id = world.host();
        world.after(at, () => world.control.addFault({ effect: { kind: 'reset-before' } }));
        fails(await world.up(pc(id)), { pc: /NOT CONTAINED/ });
        expect(world.stack.entry('pc'), 'in state').not.to.equal(undefined);
        await converges(world, pc(id), [id]);
        expect(world.ours('Isolate', id)).to.have.length(1);
        succeeds(await world.up({}));
        expect(world.isolated(id)).to.equal(false);
      });
    }
  });

  it('the service goes away during a release: the host stays in state, and the next run goes on', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.after('10s', () => world.control.addFault({ effect: { kind: 'reset-before' } }));
      await world.up({});
      await converges(world, {}, []);
      expect(world.ours('Unisolate', id)).to.have.length(1);
    }));

  it('runs killed at any moment, and run again: no second request, and one run converges', async () => {
    const latencySeconds = { Isolate: 30, Unisolate: 30 };
    for (const killAfter of [1, 200, 400, 600, 2_000, 20_000, 34_000]) {
      await inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
        const [stays, comes, goes] = [0, 1, 2].map(() => world.host({ latencySeconds })) as [string, string, string];
        const of = (...hosts: string[]) =>
          Object.fromEntries(
            hosts.map((machineId) => [`pc-${machineId.slice(0, 6)}`, { machineId, comment: 'INC-1' }]),
          );
        succeeds(await world.up(of(stays, goes)));
        await killed(world.up(of(stays, comes), { killAfter }));
        world.pass('10s');
        await converges(world, of(stays, comes), [stays, comes]);
        expect(world.ours('Isolate', comes), `killed after ${killAfter}`).to.have.length(1);
        expect(world.ours('Unisolate', goes)).to.have.length(1);
      });
    }
  });

  it('made-up weeks of changes, faults, analysts and silences: what must hold after every run holds', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const random = createRandom(seed);
      await inWorld(
        {
          seed,
          signInOnce: true,
          config: { guardrails: { maxReleases: 10, maxReleasePercent: 100 } },
          switches: {
            duplicateRequest: random.pick(['return-pending', 'reject-400', 'alternate']),
            isolateWhenIsolated: random.pick(['succeed', 'succeed', 'stay-pending', 'run-after-release']),
            completionOrder: random.pick(['in-order', 'newest-first', 'independent']),
            cancelledThoughExecuted: random.chance(50),
            secondIsolateRestartsLease: random.chance(50),
            leaseStart: random.pick(['request', 'completion']),
            liftRecord: random.pick(['none', 'unisolate-action']),
            giveUpStatus: random.pick(['TimeOut', 'Failed']),
            listDelaySeconds: random.pick([0, 5]),
          },
        },
        async (world) => {
          const ids = Array.from({ length: 4 }, () => world.host());
          let program: Program = {};
          for (let step = 0; step < 25; step += 1) {
            program = Object.fromEntries(
              ids
                .filter(() => random.chance(70))
                .map((machineId, index) => [
                  random.chance(90) ? `pc-${machineId.slice(0, 4)}` : `moved-${index}`,
                  {
                    machineId,
                    comment: `INC-${random.integer(1, 3)}`,
                    ...(random.chance(20) && { isolationType: 'Selective', allowTypeChange: random.chance(50) }),
                    ...(random.chance(5) && { takeOwnership: true }),
                    ...(random.chance(5) && { waitFor: 'Submitted' }),
                    ...(random.chance(5) && { onDelete: 'retain' }),
                  },
                ]),
            );
            const id = random.pick(ids);
            const faults: FaultRule[] = [
              { effect: { kind: 'reset-after' }, percent: 20, seed: step },
              { effect: { kind: 'answer', status: 503 }, percent: 20, seed: step },
              { effect: { kind: 'list', countError: 1 }, route: routes.actions, percent: 20, seed: step },
              { effect: { kind: 'garbage' }, route: routes.isolate, percent: 50, seed: step },
            ];
            if (random.chance(30)) world.control.addFault(random.pick(faults));
            if (random.chance(15)) {
              const duringIt = random.integer(1, 90) * 1000;
              world.after(duringIt, () => byHand(world, id, random.chance(50)));
            }
            if (random.chance(10)) world.control.setMachine(id, { online: false });
            const at = random.integer(1, 80) * 1000;
            const how = random.pick([{}, {}, {}, {}, {}, { cancelAfter: at }, { killAfter: at }]);
            const config = random.chance(15) ? { releases: 'hold' } : {};
            const changing = Object.values(program).filter(({ allowTypeChange }) => allowTypeChange === true);
            const mayRelease = config.releases === 'hold' ? [] : changing.map(({ machineId }) => String(machineId));
            await survived(world.up(program, { continueOnError: true, mayRelease, config, ...how }));
            world.control.clearFaults();
            if (random.chance(10)) byHand(world, random.pick(ids), random.chance(50));
            world.control.setMachine(id, { online: true });
            world.pass(random.integer(1, 40) * 3_600_000);
          }
          // Peace: whatever was left behind, a day of runs brings every declared host back.
          const peace = Object.fromEntries(
            ids.map((machineId) => [`peace-${machineId.slice(0, 4)}`, { machineId, comment: 'peace' }]),
          );
          for (let each = 0; each < 4; each += 1) {
            world.pass('7h');
            await world.up(peace);
          }
          for (const id of ids) expect(world.isolated(id), `seed ${seed}: ${id}`).to.equal(true);
        },
      );
    }
  });
});

/** A run that may have been killed. */
async function survived(run: Promise<unknown>): Promise<void> {
  await killed(run).catch((error: unknown) => {
    if (!(error instanceof NotKilled)) throw error;
  });
}

/** Somebody isolates or releases by hand; both are seen only by the next look after it was done. */
function byHand(world: World, id: string, isolates: boolean): void {
  try {
    if (isolates) world.control.isolate(id, { by: 'ada@contoso.com', latencySeconds: 20 });
    else world.control.unisolate(id, { by: 'ada@contoso.com', latencySeconds: 20 });
  } catch {
    // The service refuses a duplicate.
  }
  world.outOfDate(id);
  world.after('21s', () => world.outOfDate(id));
}
