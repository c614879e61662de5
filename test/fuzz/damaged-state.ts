import { expect } from 'chai';
import fc from 'fast-check';
import type { Indicator } from '../../provider/defender/indicator.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { isPartialFailure, isUserError } from '../../provider/error-kind.ts';
import { knownHosts } from '../../provider/resources/quarantine/known-host.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { idOf, nameOf, SmallTenant } from './small-tenant.ts';
import { type Opened, propertyOf, type Target } from './target.ts';
import { anyText, anyValue, distorted, mutated, namesOfObjects } from './texts.ts';

const comment = 'INC-1';
/** Three hosts of the set, of which another isolated the last; beside them one of another, and one that is free. */
const hosts = [
  { deviceName: nameOf(1), comment },
  { machineId: idOf(2), comment },
  { machineId: idOf(3), comment },
];
const ours = [idOf(1), idOf(2)] as const;
const pieces = [
  ', ',
  ' | ',
  ': ',
  '=',
  'ours, ',
  'until=',
  '%',
  '%ZZ',
  'machineId=',
  `machineId=${idOf(4)}`,
  idOf(4),
  idOf(5),
  ...namesOfObjects.map((name) => `, ${name}=x`),
];

interface Baseline {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly actions: readonly MachineAction[];
  readonly indicators: readonly Indicator[];
}

/** What a state holds after an orderly run. */
async function baseline(type: string, declared: PropertyMap): Promise<Baseline> {
  const tenant = new SmallTenant(5);
  for (const number of [3, 4]) tenant.isolate(idOf(number));
  try {
    return await tenant.run(async () => {
      const { inputs, failures } = await tenant.resource(type).check(tenant.context(type), undefined, declared);
      expect(failures).to.deep.equal([]);
      const { id, outputs } = await tenant.resource(type).create(tenant.context(type), inputs);
      return {
        id,
        inputs,
        outputs: JSON.parse(JSON.stringify(outputs)) as PropertyMap,
        actions: tenant.scripted.script.actions,
        indicators: tenant.scripted.script.indicators,
      };
    });
  } finally {
    tenant.end();
  }
}

/** Lines of state of which some were changed, taken out, or put under another name. */
function damagedLines(lines: Readonly<Record<string, string>>): fc.Arbitrary<unknown> {
  const names = Object.keys(lines);
  const change = fc.tuple(
    fc.constantFrom(...names),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      fc.oneof(anyText, fc.constantFrom(idOf(4), idOf(5), nameOf(4), ...namesOfObjects)),
    ),
    fc.oneof({ weight: 5, arbitrary: mutated(fc.constantFrom(...Object.values(lines)), pieces) }, anyValue),
  );
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
        const result = new Map<string, unknown>(Object.entries(lines));
        for (const [name, renamed, line] of changes) {
          if (renamed !== undefined) result.delete(name);
          result.set(renamed ?? name, line);
        }
        return Object.fromEntries(result);
      }),
    },
    anyValue,
  );
}

const steps = fc.constantFrom('update', 'delete', 'preview');
const declarations = fc.constantFrom([0, 1, 2], [0], [1, 2], []);

/** A state that was damaged leads to no request that an undamaged one would not have led to. */
const sets: Target = {
  name: 'damaged-sets',
  short: 250,
  cost: 40,
  async open(): Promise<Opened> {
    const before = await baseline('Quarantine', { hosts });
    const lines = before.outputs.hosts as Readonly<Record<string, string>>;
    const outputs = fc.oneof(
      { weight: 6, arbitrary: damagedLines(lines).map((damaged) => ({ ...before.outputs, hosts: damaged })) },
      distorted(before.outputs),
    ) as fc.Arbitrary<PropertyMap>;
    const property = propertyOf(fc.tuple(outputs, declarations, steps), async ([damaged, kept, step]) => {
      const tenant = new SmallTenant(5, before.actions);
      const declared = kept.map((index) => hosts[index]).filter((host) => host !== undefined);
      const unreadable = unlessRefused(() => knownHosts(damaged).unreadable);
      try {
        const resource = tenant.resource('Quarantine');
        const context = tenant.context('Quarantine', step === 'preview');
        const looking = tenant.context('Quarantine', true);
        const after = await tenant.run(async () => {
          if (step === 'delete') {
            await told(() => resource.read(looking, before.id, damaged, before.inputs));
            await told(() => resource.delete(context, before.id, damaged, before.inputs));
            return undefined;
          }
          const { inputs } = await resource.check(looking, before.inputs, { hosts: declared });
          const read = await told(() => resource.read(looking, before.id, damaged, before.inputs));
          const now = read?.found?.outputs ?? damaged;
          await told(() => resource.diff(looking, before.id, now, before.inputs, inputs));
          return told(() => resource.update(context, before.id, now, before.inputs, inputs));
        });
        const released = tenant.writes.filter(({ type }) => type === 'Unisolate').map(({ machineId }) => machineId);
        const isolated = tenant.writes.filter(({ type }) => type === 'Isolate').map(({ machineId }) => machineId);
        const declaredIds = kept.map((index) => idOf(index + 1));
        for (const id of released) {
          expect(ours, 'I1: released').to.include(id);
          if (step !== 'delete') expect(declaredIds, 'I1: released').not.to.include(id);
        }
        for (const id of isolated) expect([...declaredIds, ...ours], 'I2: isolated').to.include(id);
        if (step === 'preview') expect(tenant.writes, 'I4: writes of a preview').to.deep.equal([]);
        if (unreadable === undefined) expect(tenant.writes, 'writes by a state without hosts').to.deep.equal([]);
        if (unreadable !== undefined && unreadable.length > 0 && step === 'delete')
          expect(released, 'released where a line cannot be read').to.deep.equal([]);
        // What cannot be read stays where it is, unless its host was looked at anew.
        if (after !== undefined && step === 'update' && unreadable !== undefined)
          for (const key of unreadable) expect(Object.keys(after.outputs.hosts ?? {})).to.include(key);
      } finally {
        tenant.end();
      }
    });
    return { property };
  },
};

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const singles: readonly (readonly [string, PropertyMap])[] = [
  ['MachineIsolation', { deviceName: nameOf(1), comment }],
  ['CodeExecutionRestriction', { machineId: idOf(1), comment }],
  ['FileQuarantine', { sha1, deviceNames: [nameOf(1)], machineIds: [idOf(2)], comment }],
  ['FileIndicator', { indicatorValue: sha1, action: 'Block', title: 't', description: 'd' }],
  ['AntivirusScan', { machineId: idOf(1), comment }],
  ['Quarantine', { hosts, files: [{ sha1, comment }] }],
];

/** Outputs and inputs of any kind, of any resource: what is wrong with them is told in words for people. */
const anything: Target = {
  name: 'damaged-resources',
  short: 300,
  cost: 40,
  async open(): Promise<Opened> {
    const all = await Promise.all(
      singles.map(async ([type, declared]) => ({ type, ...(await baseline(type, declared)) })),
    );
    const damaged = fc.constantFrom(...all).chain((before) =>
      fc.record({
        before: fc.constant(before),
        outputs: distorted(before.outputs).map((map) => JSON.parse(JSON.stringify(map)) as PropertyMap),
        inputs: fc.oneof(
          { weight: 3, arbitrary: fc.constant(before.inputs) },
          distorted(before.inputs),
        ) as fc.Arbitrary<PropertyMap>,
        news: fc.oneof(fc.constant(before.inputs), distorted(before.inputs)) as fc.Arbitrary<PropertyMap>,
        step: fc.constantFrom('update', 'delete', 'create'),
      }),
    );
    const property = propertyOf(damaged, async ({ before, outputs, inputs, news, step }) => {
      const { type, id, actions, indicators } = before;
      const tenant = new SmallTenant(5, actions, indicators);
      try {
        const resource = tenant.resource(type);
        const looking = tenant.context(type, true);
        await tenant.run(async () => {
          const checked = await resource.check(looking, inputs, news);
          for (const { reason } of checked.failures) expect(reason).to.match(/\S/);
          const read = await told(() => resource.read(looking, id, outputs, inputs));
          const now = read?.found?.outputs ?? outputs;
          if (step === 'delete') return told(() => resource.delete(tenant.context(type), id, now, inputs));
          // The engine goes no further with what a check refused.
          if (checked.failures.length > 0) return undefined;
          if (step === 'create') return told(() => resource.create(tenant.context(type), checked.inputs));
          await told(() => resource.diff(looking, id, now, inputs, checked.inputs));
          await told(() => resource.update(looking, id, now, inputs, checked.inputs));
          return told(() => resource.update(tenant.context(type), id, now, inputs, checked.inputs));
        });
        for (const { type: request, machineId } of tenant.writes) {
          expect(
            request === 'Unisolate' && ![...ours].some((each) => each === machineId),
            `I1: ${request} of ${machineId}`,
          ).to.equal(false);
          if (request === 'Unisolate')
            expect(step, 'I1: a release by an update that declares the same').to.satisfy(
              (each: string) => each === 'delete' || news !== before.inputs || inputs !== before.inputs,
            );
        }
      } finally {
        tenant.end();
      }
    });
    return { property };
  },
};

export const damagedStateTargets = [sets, anything];

/** Undefined where it was refused in words for people; what a partial failure keeps is its outputs. */
async function told<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isUserError(error)) throw error;
    expect(error.message).to.match(/\S/);
    expect(error.message, 'a stack trace').not.to.match(/^\s+at /m);
    return isPartialFailure(error) ? (error as unknown as T) : undefined;
  }
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isUserError(error)) throw error;
    return undefined;
  }
}
