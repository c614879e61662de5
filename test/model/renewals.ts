import type { Run } from '../resources/engine.ts';
import { Broken } from './broken.ts';
import { type Deed, isDueBy, means } from './promises.ts';
import { isRunning, type Tenant } from './tenant.ts';

const hour = 3_600_000;

/**
 * Renewed once from 96 h before the earliest lift on, and again when that is over, a lease is never shorter than 72 h
 * after a run that went well (semantics 2.2); one hour is for the run itself.
 */
const leastLeft = 71 * hour;

/**
 * I9: after a run that nothing disturbed, no declared host's cover ends before the next run has had days to renew it.
 * Where a second isolate does not restart MDE's clock no run can prevent the lift; there the first run after it must
 * isolate again, which `judgeSuccess` judges, and state must never claim more, which `judgeSight` judges.
 */
export function judgeRenewals(tenant: Tenant, deed: Deed, run: Run): void {
  const { step } = deed;
  const { control } = tenant.world;
  const switches = control.switches();
  if (!switches.secondIsolateRestartsLease || step.do !== 'up') return;
  // A renewal that hangs for good, or until somebody releases the host, restarts nothing.
  if (switches.isolateWhenIsolated !== 'succeed') return;
  const isDisturbed = step.troubles.length > 0 || step.ending.kind !== 'own' || tenant.isRevoked(deed.startedAt);
  if (isDisturbed || Object.keys({ ...run.failures, ...run.refused }).length > 0) return;
  const now = tenant.world.now();
  for (const [id, machine] of tenant.truth()) {
    const { isolation } = machine;
    if (!isolation.isolated || Date.parse(isolation.liftsAt) - now >= leastLeft) continue;
    const declared = deed.hosts.filter((each) => means(each, id, deed) === 'surely');
    if (declared.length === 0 || declared.some(({ host }) => isDueBy(host, new Date(now).toISOString()))) continue;
    // It waits for a device that does not report, or ended otherwise than it should: the run says so, and the next one sends it again.
    const sent = control
      .actions({ machine: id })
      .filter((action) => action.type === 'Isolate' && (!deed.known.has(action.id) || isRunning(action)));
    if (!machine.online || sent.some((action) => action.status !== 'Succeeded')) continue;
    throw new Broken(
      `I9: ${tenant.name(id)} is lifted at ${isolation.liftsAt}, and a run that went well did not renew its isolation`,
    );
  }
}
