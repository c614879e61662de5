import { expect } from 'chai';
import fc from 'fast-check';
import { parseObject } from '../../provider/defender/json-body.ts';
import type { FaultEffect } from '../../simulator/faults.ts';
import { actionBody, machineBody } from '../defender/entities.ts';
import type { MixedProgram, Run } from '../resources/engine.ts';
import { inWorld, quarantine, type World } from '../resources/host.ts';
import { anEntity, anyBody, aPage, origin } from './api.ts';
import type { Opened, Target } from './target.ts';

/** Worlds grow old: what a tenant remembers makes each run slower. */
const runsOfOneWorld = 25;

/** Four contained hosts, three in a set and one by itself, and one that is free. */
interface Tenant {
  readonly world: World;
  readonly ids: readonly string[];
  readonly end: () => Promise<void>;
}

const comment = 'INC-1';
const inSet = (ids: readonly string[]) => quarantine({ hosts: ids.map((machineId) => ({ machineId, comment })) });

/** What a program may declare next, by the numbers of hosts in the set and of single ones. */
const changes = [
  { set: [0, 1, 2], single: [3] },
  { set: [0, 1], single: [3] },
  { set: [0, 1, 2, 4], single: [3] },
  { set: [0, 4], single: [] },
  { set: [0, 1, 2], single: [] },
  { set: [0, 1, 2], single: [3, 4] },
  { set: [1, 3], single: [2] },
] as const;
type Change = (typeof changes)[number];

function programOf(ids: readonly string[], { set, single }: Change): MixedProgram {
  const id = (index: number) => ids[index] ?? '';
  return {
    fleet: inSet(set.map(id)),
    ...Object.fromEntries(single.map((index) => [`pc${index}`, { machineId: id(index), comment }])),
  };
}

async function openTenant(): Promise<Tenant> {
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  return new Promise((resolve, reject) => {
    const options = {
      signInOnce: true,
      limits: { perMinute: 1_000_000, perHour: 10_000_000 },
      config: {
        guardrails: { maxReleases: 100, maxReleasePercent: 100 },
        rateLimits: { perMinute: 100_000, perHour: 1_000_000 },
      },
    };
    const lived = inWorld(options, async (world) => {
      const ids = Array.from({ length: 5 }, () => world.host());
      await converges(world, programOf(ids, changes[0]));
      resolve({
        world,
        ids,
        end: () => {
          leave();
          return lived;
        },
      });
      await left;
    });
    lived.catch(reject);
  });
}

/** Runs until nothing is left to do: after faults have ended one or two do it, unless something waits for its time. */
async function converges(world: World, program: MixedProgram): Promise<void> {
  let run: Run | undefined;
  for (let each = 0; each < 3; each += 1) {
    run = await world.up(program, { continueOnError: true });
    if (Object.keys({ ...run.failures, ...run.refused }).length === 0) break;
    world.pass('10m');
  }
  expect({ ...run?.failures, ...run?.refused }, 'I5: failures once the faults have ended').to.deep.equal({});
  await world.settled(program);
}

/** Requests by which a host is contained or freed. */
const requests = (world: World) => world.control.actions().map(({ id, type, machineId }) => ({ id, type, machineId }));

/** Nothing that a lookup may answer so tells how it is. */
const untold: fc.Arbitrary<FaultEffect> = fc
  .oneof(
    fc.tuple(fc.constantFrom(301, 302, 307, 400, 403, 408, 409, 410, 500, 502, 503, 504), anyBody),
    fc.tuple(
      fc.constantFrom(200, 404),
      anyBody.filter((text) => !isTelling(text)),
    ),
    fc.tuple(
      fc.constant(200),
      fc.oneof(
        // One of it cannot be read, and may be the very one.
        fc
          .array(anEntity, { maxLength: 3 })
          .map((items) => JSON.stringify({ value: [...items, { id: 'x' }], '@odata.count': items.length + 1 })),
        // There is more of it.
        fc
          .constantFrom<unknown>(actionBody(), machineBody())
          .map((item) => JSON.stringify({ value: [], '@odata.count': 3, item })),
        fc
          .constantFrom('?$skip=1', '//evil.example/', '', 5, '\\', {})
          .map((link) => JSON.stringify({ value: [], '@odata.nextLink': link })),
      ),
    ),
  )
  .map(([status, body]) => ({
    kind: 'answer',
    status,
    body: body.toWellFormed(),
    headers: { 'Content-Type': 'application/json' },
  }));

function isTelling(text: string): boolean {
  const body = parseObject(text);
  return body !== undefined && (Array.isArray(body.value) || typeof body.error === 'object');
}

const lookups = {
  actions: ['GET machineactions'],
  machines: ['GET machines', 'GET machines/{id}'],
  all: ['GET machineactions', 'GET machines', 'GET machines/{id}'],
} as const;

/** I8: what a lookup that failed, or cannot be understood, does not tell changes no host. */
const unknownLookups: Target = {
  name: 'unknown-lookups',
  short: 12,
  cost: 400,
  open: () =>
    inTenants(
      fc.tuple(
        fc.constantFrom(...changes),
        fc.constantFrom<keyof typeof lookups>('actions', 'machines', 'all'),
        untold,
        fc.nat({ max: 3 }),
      ),
      async ({ world, ids }, [change, which, effect, after]) => {
        for (const route of lookups[which]) {
          // The first answers may be right: what is unknown then is unknown in the middle of a run.
          if (after === 0) world.control.addFault({ effect, route });
          else for (let nth = after + 1; nth < after + 60; nth += 1) world.control.addFault({ effect, route, nth });
        }
        const before = requests(world);
        const run = await world.up(programOf(ids, change), { continueOnError: true });
        const made = requests(world).filter(({ id }) => !before.some((each) => each.id === id));
        judgeText(run);
        if (after > 0) return;
        for (const { type, machineId } of made) {
          if (which === 'machines')
            expect(type, `I8: asked of ${machineId}, of which nothing is known`).not.to.equal('Isolate');
          else expect.fail(`I8: ${type} of ${machineId}, whose history is not known`);
        }
      },
    ),
};

const writes = ['POST machines/{id}/isolate', 'POST machines/{id}/unisolate', 'POST machineactions/{id}/cancel'];

const oddAnswer = fc.oneof(
  aPage.map((page) => JSON.stringify(page) ?? ''),
  anEntity.map((entity) => JSON.stringify(entity) ?? ''),
  anyBody,
);

/** What a request is answered tells little: what became of it stands in the history, and there it is looked for. */
const oddWrites: Target = {
  name: 'written-answers',
  short: 10,
  cost: 600,
  open: () =>
    inTenants(
      fc.tuple(
        fc.constantFrom(...changes.slice(1)),
        oddAnswer.map((text) => text.toWellFormed().replaceAll(origin, 'https://localhost')),
        fc.oneof(
          fc.constant(undefined),
          fc.constantFrom(200, 201, 202, 204, 301, 400, 403, 404, 408, 409, 429, 500, 502, 503),
        ),
        fc.integer({ min: 1, max: 3 }),
      ),
      async ({ world, ids }, [change, body, status, count]) => {
        const headers = { 'Content-Type': 'application/json' };
        const effect: FaultEffect =
          status === undefined
            ? { kind: 'garbage', body }
            : { kind: 'answer', status, body: status === 204 ? '' : body, headers };
        for (const route of writes) world.control.addFault({ effect, route, count });
        const program = programOf(ids, change);
        judgeText(await world.up(program, { continueOnError: true }));
        world.control.clearFaults();
        world.pass('3m');
        await converges(world, program);
        for (const [index, id] of ids.entries()) {
          const isDeclared = [...change.set, ...change.single].some((each) => each === index);
          expect(world.isolated(id), `whether host ${index} is isolated`).to.equal(isDeclared);
        }
      },
    ),
};

export const worldTargets = [unknownLookups, oddWrites];

/** Each input in a tenant in which the same is contained; the world's own judgements hold beside those of `judge`. */
function inTenants<T>(arbitrary: fc.Arbitrary<T>, judge: (tenant: Tenant, input: T) => Promise<void>): Opened {
  let tenant: Tenant | undefined;
  let runs = 0;
  // No second is set: an input is several runs, and now and then a new tenant. A run that hangs ends by itself.
  const property = fc.asyncProperty(arbitrary, async (input) => {
    if (tenant !== undefined && runs >= runsOfOneWorld) {
      await tenant.end();
      tenant = undefined;
    }
    if (tenant === undefined) {
      tenant = await openTenant();
      runs = 0;
    }
    runs += 1;
    const { world, ids } = tenant;
    try {
      await judge(tenant, input);
      world.control.clearFaults();
      world.pass('10m');
      await converges(world, programOf(ids, changes[0]));
    } catch (error) {
      await tenant.end().catch(() => {});
      tenant = undefined;
      throw error;
    }
  });
  return {
    property,
    async close() {
      await tenant?.end();
    },
  };
}

function judgeText({ text }: Run): void {
  expect(text, 'a stack trace').not.to.match(/^\s+at .+:\d+/m);
  expect(text).not.to.match(/TypeError|undefined is not|did not foresee/);
}
