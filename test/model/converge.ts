import { judgeSight } from './promises.ts';
import type { Tenant } from './tenant.ts';

/** After faults stop and machines are back, two runs a stack bring all in order, and the next writes nothing. */
export async function converge(tenant: Tenant): Promise<void> {
  const { world } = tenant;
  const { isolateWhenIsolated, unisolateWhenNotIsolated } = world.control.switches();
  for (const id of tenant.ids) {
    if (!tenant.truth().has(id)) continue;
    world.control.setMachine(id, {
      online: true,
      onboardingStatus: 'Onboarded',
      outcomes: { Isolate: null, Unisolate: null, RestrictCodeExecution: null, UnrestrictCodeExecution: null },
      latencySeconds: { Isolate: 20, Unisolate: 20, RestrictCodeExecution: 20, UnrestrictCodeExecution: 20 },
    });
  }
  const up = (stack: 0 | 1) =>
    tenant.take({
      do: 'up',
      stack,
      limits: 'generous',
      ending: { kind: 'own' },
      troubles: [],
      readFirst: true,
      goOn: true,
    });
  await tenant.take({ do: 'pass', hours: 1 });
  // In turn: what one stack lets go at last, the other may declare.
  for (let each = 0; each < 2; each += 1) for (const stack of [0, 1] as const) await up(stack);
  // A request that hangs for good, or a release that may already be done, is sent again and again, within measure.
  if (isolateWhenIsolated === 'stay-pending' || unisolateWhenNotIsolated === 'fail') return;
  for (const stack of [0, 1] as const) {
    const before = world.writes();
    await up(stack);
    if (world.writes() > before) throw new Error(`I5: the third run of ${stack === 0 ? 'dev' : 'prod'} still writes`);
  }
  judgeSight(tenant);
}
