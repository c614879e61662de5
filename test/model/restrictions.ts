import { codeRestriction } from '../../provider/containment/pair.ts';
import type { ActionRecord } from '../../simulator/control.ts';
import type { Run } from '../resources/engine.ts';
import { Broken } from './broken.ts';
import { type Deed, isDueBy, isOfStack, isProtected, means } from './promises.ts';
import type { Tenant } from './tenant.ts';

const { apply, lift } = codeRestriction;

/** The same promises for restrictions, which stand until they are lifted. */
export function judgeRestrictions(
  tenant: Tenant,
  deed: Deed,
  run: Run | undefined,
  made: readonly ActionRecord[],
): void {
  const ours = made.filter((action) => action.origin.via === 'api');
  const lifts = ours.filter((action) => action.type === lift);
  for (const each of lifts) judgeLift(tenant, deed, each);
  judgeLimit(tenant, deed, lifts);
  for (const each of ours) if (each.type === apply) judgeRestriction(tenant, deed, each);
  if (run !== undefined) judgeAccount(tenant, deed, run, made);
}

function restricting(deed: Deed): Deed['hosts'] {
  return deed.hosts.filter(({ host }) => host.options.restrictCodeExecution === true);
}

function judgeLift(tenant: Tenant, deed: Deed, { machineId: id, creationDateTimeUtc }: ActionRecord): void {
  const name = tenant.name(id);
  const meant = restricting(deed).filter((each) => means(each, id, deed) !== 'no');
  // A due release is of the host, whatever else is declared of it.
  const isDue = deed.hosts.some((each) => means(each, id, deed) !== 'no' && isDueBy(each.host, creationDateTimeUtc));
  if (meant.length > 0 && !isDue) throw new Broken(`I1: ${name} is unrestricted though that is declared`);
  if (!isDue && !deed.held.some((each) => each.id === id && each.restriction !== undefined))
    throw new Broken(`I1: ${name} is unrestricted, and this stack does not hold its restriction`);
  if (deed.step.limits === 'hold' && !isDue) throw new Broken(`I1: ${name} is unrestricted under hold`);
  const by = restrictedBy(tenant, id, deed.startedAt);
  if (by !== undefined && !isOfStack(by, deed.step.stack) && !tenant.taken.has(id))
    throw new Broken(`I1: ${name} is unrestricted, and ${by.requestor} had restricted it`);
}

function judgeLimit(tenant: Tenant, deed: Deed, lifts: readonly ActionRecord[]): void {
  if (deed.step.limits !== 'default') return;
  const ids = new Set(
    lifts
      .filter(({ machineId, creationDateTimeUtc }) =>
        deed.hosts.every((each) => means(each, machineId, deed) === 'no' || !isDueBy(each.host, creationDateTimeUtc)),
      )
      .map(({ machineId }) => machineId),
  );
  const held = deed.held.filter((each) => each.restriction !== undefined).map(({ id }) => id);
  const contained = new Set([...held, ...restricting(deed).map(({ host }) => host.machine)]).size;
  const limit = Math.min(5, Math.max(1, Math.floor(contained / 5)));
  if (ids.size > limit)
    throw new Broken(`I1: ${[...ids].map((id) => tenant.name(id))} are unrestricted, the limit is ${limit}`);
}

function judgeRestriction(tenant: Tenant, deed: Deed, { machineId: id }: ActionRecord): void {
  const before = deed.truth.get(id);
  const declared = restricting(deed).some((each) => means(each, id, deed) === 'surely');
  const isHeld = deed.held.some((each) => each.id === id && each.restriction !== undefined);
  if (!declared && !isHeld) throw new Broken(`I2: ${tenant.name(id)} is restricted, and nobody declares it`);
  const isNew = restrictedBy(tenant, id, deed.startedAt) === undefined && before?.codeRestricted !== true;
  const allowed = restricting(deed).some(({ host }) => host.machine === id && host.options.allowProtected === true);
  if (isNew && isProtected(before) && !allowed) throw new Broken(`I2: ${tenant.name(id)} is protected`);
}

/** The request that was carried out last, if it restricts. */
function restrictedBy(tenant: Tenant, id: string, before: number): ActionRecord | undefined {
  const done = tenant.world.control
    .actions({ machine: id })
    .filter(
      ({ type, executedAt }) => [apply, lift].some((each) => each === type) && Date.parse(executedAt ?? '') < before,
    )
    .sort((a, b) => Date.parse(a.executedAt ?? '') - Date.parse(b.executedAt ?? ''));
  const last = done.at(-1);
  return last?.type === apply ? last : undefined;
}

function judgeAccount(tenant: Tenant, deed: Deed, run: Run, made: readonly ActionRecord[]): void {
  const { step } = deed;
  const state = tenant.stateHosts(step.stack);
  const truth = tenant.truth();
  for (const [id, { codeRestricted }] of truth) {
    const by = codeRestricted ? restrictedBy(tenant, id, Number.POSITIVE_INFINITY) : undefined;
    if (by === undefined || !isOfStack(by, step.stack)) continue;
    if (state.some((each) => each.id === id && each.restriction !== undefined)) continue;
    const isOfRun = deed.held.some((each) => each.id === id && each.restriction !== undefined);
    const isOrphan = tenant.orphans.has(`${step.stack} ${id} restricted`);
    if (isOrphan || !(isOfRun || made.some((action) => action.machineId === id && action.type === apply))) continue;
    const foreign = tenant.world.control
      .actions({ machine: id })
      .some((action) => action.type === apply && !isOfStack(action, step.stack));
    if (foreign || tenant.retained.has(id) || !deed.truth.has(id)) continue;
    throw new Broken(`I6: ${tenant.name(id)} is restricted by us, and no state knows it`);
  }
  const failed = Object.keys({ ...run.failures, ...run.refused }).length > 0;
  if (failed || step.ending.kind === 'cancelled' || step.do === 'destroy') return;
  const text = `${run.warnings.join('\n')}\n${run.summary}`.toLowerCase();
  for (const each of restricting(deed)) {
    for (const [id, machine] of truth) {
      if (machine.codeRestricted || means(each, id, deed) !== 'surely') continue;
      if (isDueBy(each.host, new Date(tenant.world.now()).toISOString())) continue;
      const isTold =
        [id, machine.computerDnsName.toLowerCase()].some((name) => text.includes(name)) || tenant.hidesHosts(text);
      const isDisturbed = tenant.world.control
        .actions({ machine: id })
        .some(
          (action) =>
            (action.origin.via !== 'api' &&
              Date.parse(action.executedAt ?? action.creationDateTimeUtc) >= deed.startedAt) ||
            Date.parse(action.cancellationDateTimeUtc ?? '') >= deed.startedAt,
        );
      if (!isTold && !isDisturbed)
        throw new Broken(`I6: success, and ${tenant.name(id)} is not restricted, and no word of it`);
    }
  }
}
