import { codeRestriction, isolation } from '../../provider/containment/pair.ts';
import type { SwitchSettings } from '../../simulator/switches.ts';
import { Broken } from './broken.ts';
import { judgeSight } from './promises.ts';
import type { Tenant } from './tenant.ts';

/** After faults stop and machines are back, two runs a stack bring all in order, and the next writes nothing. */
export async function converge(tenant: Tenant): Promise<void> {
  const { world } = tenant;
  const neverDone = typesNeverDone(world.control.switches());
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
  for (const stack of [0, 1] as const) {
    const [writes, known] = [world.writes(), new Set(world.control.actions().map(({ id }) => id))];
    await up(stack);
    const made = world.control.actions().filter(({ id, origin }) => origin.via === 'api' && !known.has(id));
    const without = made.find(({ type }) => !neverDone.has(type));
    // A kind of isolation that this host cannot have is asked again as long as it is declared, and refused.
    const isRefused = made.length === 0 && tenant.declaresUnManaged(stack);
    const isQuiet = world.writes() === writes || isRefused || (without === undefined && neverDone.size > 0);
    if (!isQuiet)
      throw new Broken(
        `I5: the third run of ${stack === 0 ? 'dev' : 'prod'} still writes ${without === undefined ? '' : `${without.type} of ${tenant.name(without.machineId)}`}`,
      );
  }
  judgeSight(tenant);
}

/**
 * What some services never bring to its end, and what is therefore asked again in each run: a renewal that hangs for good
 * (semantics 2.3), and a release of a host that may be contained, which fails where it is not (5.2).
 */
function typesNeverDone(switches: SwitchSettings): ReadonlySet<string> {
  const types: string[] = [];
  if (switches.isolateWhenIsolated === 'stay-pending') types.push(isolation.apply);
  if (switches.restrictWhenRestricted === 'stay-pending') types.push(codeRestriction.apply);
  if (switches.unisolateWhenNotIsolated === 'fail') types.push(isolation.lift);
  if (switches.unrestrictWhenNotRestricted === 'fail') types.push(codeRestriction.lift);
  return new Set(types);
}
