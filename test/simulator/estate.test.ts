import { expect } from 'chai';
import fc from 'fast-check';
import { VirtualClock } from '../../simulator/clock.ts';
import { ApiError } from '../../simulator/errors.ts';
import { Estate } from '../../simulator/estate.ts';
import { createFleet } from '../../simulator/fleet.ts';
import type { Machine } from '../../simulator/machine.ts';
import { isActive, type MachineActionEntry, statusOf } from '../../simulator/machine-action.ts';
import { createRandom } from '../../simulator/random.ts';
import { responseAction, responseActions } from '../../simulator/response-actions.ts';
import { defaultSettings, type SwitchSettings } from '../../simulator/switches.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const startAt = Date.UTC(2026, 0, 1);

type Step =
  | { readonly do: 'act'; readonly type: string }
  | { readonly do: 'isolate' | 'unisolate' | 'cancel' | 'online' | 'offline' }
  | { readonly do: 'wait'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('isolate', 'unisolate', 'cancel', 'online', 'offline').map((name) => ({ do: name })),
    },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 5 * minute }).map((ms) => ({ do: 'wait' as const, ms })) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * day }).map((ms) => ({ do: 'wait' as const, ms })) },
  ),
  { maxLength: 40 },
) as fc.Arbitrary<Step[]>;

/** Steps with every response action among them. */
const mixedSteps = fc
  .array(
    fc.oneof(
      fc.constantFrom(...responseActions.map(({ type }) => type)).map((type) => ({ do: 'act' as const, type })),
      steps.map((some) => some[0] ?? { do: 'wait' as const, ms: minute }),
    ),
    { maxLength: 40 },
  )
  .map((all): Step[] => all);

const anySettings: fc.Arbitrary<Partial<SwitchSettings>> = fc.record({
  duplicateRequest: fc.constantFrom('return-pending', 'reject-400', 'alternate', 'accept'),
  isolateWhenIsolated: fc.constantFrom('succeed', 'stay-pending', 'run-after-release'),
  completionOrder: fc.constantFrom('in-order', 'newest-first', 'independent'),
  cancelledThoughExecuted: fc.boolean(),
  secondIsolateRestartsLease: fc.boolean(),
  restrictWhenRestricted: fc.constantFrom('succeed', 'stay-pending'),
  unrestrictWhenNotRestricted: fc.constantFrom('succeed', 'fail'),
  duplicateOfFileOrPackage: fc.constantFrom('reject-400', 'as-others'),
  fileConflictKey: fc.constantFrom('machine-and-hash', 'machine'),
  leaseStart: fc.constantFrom('request', 'completion'),
  liftRecord: fc.constantFrom('none', 'unisolate-action'),
});

interface World {
  readonly clock: VirtualClock;
  readonly estate: Estate;
  readonly machine: Machine;
}

function createWorld(settings: Partial<SwitchSettings>): World {
  const clock = new VirtualClock(startAt, 0);
  const random = createRandom(1);
  const estate = new Estate('tenant', {
    clock,
    random,
    settings: { ...defaultSettings(), ...settings },
    latencies: {},
  });
  const [model] = createFleet({ count: 1, seed: 3, now: startAt });
  if (model === undefined) return expect.fail('no machine');
  const properties = { ...model.properties, osPlatform: 'Windows11', onboardingStatus: 'Onboarded' } as const;
  return { clock, estate, machine: estate.machines.add(model.id, properties, true) };
}

function take({ clock, estate, machine }: World, step: Step): void {
  switch (step.do) {
    case 'act':
    case 'isolate':
    case 'unisolate': {
      const kind = responseAction(step.do === 'act' ? step.type : step.do);
      const origin = { via: 'analyst' } as const;
      const parameters = { Comment: 'x', Sha1: 'a'.repeat(40), ScanType: 'Quick' };
      estate.submit(machine, { kind, parameters, requestor: 'x', requestSource: 'x', origin });
      return;
    }
    case 'cancel': {
      const running = estate.actions.findLast(isActive);
      if (running !== undefined) estate.cancel(running, 'x', 'x');
      return;
    }
    case 'online':
    case 'offline':
      estate.setOnline(machine, step.do === 'online');
      return;
    case 'wait':
      clock.advance(step.ms);
      return;
  }
}

/** Takes all steps; refusals by the service are part of the game. */
function play(world: World, all: readonly Step[]): void {
  for (const step of all) {
    try {
      take(world, step);
    } catch (error) {
      expect(error).to.be.instanceOf(ApiError);
    }
  }
}

const finalStatuses = ['Succeeded', 'Failed', 'TimeOut', 'Cancelled'];

describe('an estate, whatever is asked of it and however the switches stand', () => {
  it('brings every action to an end within its three days and a little', () => {
    fc.assert(
      fc.property(mixedSteps, anySettings, (all, settings) => {
        const world = createWorld(settings);
        play(world, all);
        world.clock.advance(3 * day + 2 * hour);
        for (const entry of world.estate.actions) expect(finalStatuses).to.include(statusOf(entry));
      }),
    );
  });

  it('leaves nothing isolated for longer than the lease after the last request', () => {
    fc.assert(
      fc.property(steps, anySettings, (all, settings) => {
        const world = createWorld(settings);
        play(world, all);
        estateOnline(world);
        world.clock.advance(11 * day);
        expect(world.machine.isolation).to.equal(undefined);
      }),
    );
  });

  it('has in force what was carried out last, until the lease ends', () => {
    fc.assert(
      fc.property(steps, anySettings, (all, settings) => {
        const world = createWorld({ ...settings, liftAfterHours: 10_000, liftRecord: 'none' });
        play(world, all);
        const last = lastExecuted(world.estate.actions);
        expect(world.machine.isolation !== undefined).to.equal(last?.kind.type === 'Isolate');
      }),
    );
  });

  it('restricts what was restricted last, and has done each scan, collection and quarantine that it says it did', () => {
    fc.assert(
      fc.property(mixedSteps, anySettings, (all, settings) => {
        const world = createWorld(settings);
        play(world, all);
        const { actions } = world.estate;
        const done = (type: string) => actions.filter((one) => one.kind.type === type && one.executedAt !== undefined);
        const pair = actions.filter(({ kind }) => /restrictCodeExecution$/i.test(kind.type));
        const { codeRestricted, scans, packages, quarantine } = world.machine;
        expect(codeRestricted).to.equal(lastExecuted(pair)?.kind.type === 'RestrictCodeExecution');
        expect(scans).to.have.length(done('RunAntiVirusScan').length);
        expect(packages).to.have.length(done('CollectInvestigationPackage').length);
        expect(quarantine.length > 0).to.equal(done('StopAndQuarantineFile').length > 0);
      }),
    );
  });

  it('tells every status in an order that makes sense, and never changes a final one', () => {
    fc.assert(
      fc.property(steps, anySettings, (all, settings) => {
        const world = createWorld(settings);
        play(world, all);
        world.clock.advance(4 * day);
        for (const { versions } of world.estate.actions) {
          const told = versions.map(({ body }) => body.status);
          expect(told.slice(0, -1).filter((status) => finalStatuses.includes(status))).to.deep.equal([]);
          expect(told.indexOf('InProgress')).to.equal(told.lastIndexOf('InProgress'));
          for (const [index, { at }] of versions.entries()) {
            if (index > 0) expect(at).to.be.greaterThan(versions[index - 1]?.at ?? 0);
          }
        }
      }),
    );
  });

  it('creates each action later than the one before, also within one moment', () => {
    const world = createWorld({ duplicateRequest: 'accept' });
    for (let count = 0; count < 500; count += 1) take(world, { do: 'isolate' });
    const created = world.estate.actions.map((entry) => entry.created);
    expect(created).to.deep.equal([...new Set(created)].sort((left, right) => left - right));
  });
});

function estateOnline({ estate, machine }: World): void {
  estate.setOnline(machine, true);
}

function lastExecuted(actions: readonly MachineActionEntry[]): MachineActionEntry | undefined {
  let last: MachineActionEntry | undefined;
  for (const entry of actions) {
    if (entry.executedAt === undefined) continue;
    // Of two in one moment the later request stands, since a machine takes them in some order of its own.
    if (last?.executedAt === undefined || entry.executedAt >= last.executedAt) last = entry;
  }
  return last;
}
