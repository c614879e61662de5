import { roleOf } from '../../defender/response-actions.ts';
import { type PropertyMap, UserError, type Written } from '../resource.ts';
import { outputsFor } from './account.ts';
import { type HostRequest, hostOf } from './act.ts';
import { objection, refuseByCount, refuseByQuota, refuseTypeChange } from './objection.ts';
import { planFor } from './plan-for.ts';
import { refusalText } from './release.ts';
import { lookAt } from './sight.ts';
import { type StateOutputs, stateVersion } from './state.ts';

export async function previewConverge(request: HostRequest, state: StateOutputs | undefined): Promise<Written> {
  const { context, runtime, machineId, inputs } = request;
  const { pair } = runtime;
  const replaced = state === undefined ? runtime.fleet.gate.previewReplacement(context.declaration.key) : undefined;
  if (replaced !== undefined && !replaced.allowed) throw new UserError(refusalText(replaced, pair));
  const sight = await lookAt(
    {
      ...request,
      declaration: context.declaration,
      notBefore: runtime.fleet.observatory.readable(),
      recordNotBefore: runtime.fleet.observatory.readableRecord(),
    },
    runtime,
  );
  const plan = planFor(sight, request);
  const { tenantId } = await runtime.identity();
  const known: PropertyMap = {
    ...(inputs as unknown as PropertyMap),
    machineId,
    deviceName: sight.machine?.computerDnsName,
    tenantId,
    cloud: runtime.settings.cloud,
    stateVersion,
    osPlatform: sight.machine?.osPlatform,
    healthStatus: sight.machine?.healthStatus,
  };
  const unchanged = async () => ({
    id: machineId,
    outputs: await outputsFor(request, sight, { before: state }),
  });
  switch (plan.kind) {
    case 'fail':
    case 'disputed':
      throw new UserError(`${hostOf(sight)}: ${plan.reason}`);
    case 'none':
      context.log.info(`${hostOf(sight)}: nothing would be sent: ${plan.reason}`);
      return unchanged();
    case 'hold':
    case 'keep-type':
      context.log.warn(`${hostOf(sight)}: ${plan.reason}`);
      return unchanged();
    case 'adopt':
      context.log.info(`${hostOf(sight)}: would wait: ${plan.reason}`);
      break;
    case 'change-type': {
      const refused = sight.machine === undefined ? undefined : await refuseTypeChange(sight.machine, request);
      if (refused !== undefined) throw new UserError(`${hostOf(sight)} stays isolated as it is: ${refused}`);
      const verdict = runtime.fleet.gate.preview(machineId);
      if (!verdict.allowed) throw new UserError(refusalText(verdict, pair));
      context.log.info(`would release ${hostOf(sight)} and isolate it again (${plan.isolationType}): ${plan.reason}`);
      break;
    }
    case 'cancel-release':
    case 'outlast-release':
    case 'resend':
    case 'isolate': {
      const fresh = plan.kind === 'isolate' && plan.fresh;
      const refused = fresh && sight.machine !== undefined ? objection(sight.machine, request) : undefined;
      if (refused !== undefined) throw new UserError(`${hostOf(sight)}: ${refused}`);
      const noMore = fresh
        ? ((await refuseByCount(machineId, request)) ?? refuseByQuota(machineId, runtime))
        : undefined;
      if (noMore !== undefined) throw new UserError(`${hostOf(sight)}: ${noMore}`);
      const act = sight.observation.state === 'expiring' ? 'renew' : pair.words.apply;
      const type = pair.name === 'isolation' ? ` (${plan.isolationType})` : '';
      context.log.info(`would ${act} ${hostOf(sight)}${type}: ${plan.reason}`);
      await noteMissingRole(request);
    }
  }
  if (sight.machine?.mergedIntoMachineId)
    context.log.warn(
      `${hostOf(sight)} was merged into machine ${sight.machine.mergedIntoMachineId}: the device was reinstalled or renamed. Is that one meant?`,
    );
  return { id: machineId, outputs: known };
}

/** A pull request may run with a read-only sign-in: here it is a note, in `up` the service's refusal is an error. */
async function noteMissingRole(request: HostRequest): Promise<void> {
  const { context, runtime } = request;
  const { roles } = await runtime.identity();
  const role = roleOf(runtime.pair.apply);
  if (roles.length > 0 && !roles.includes(role))
    context.log.info(`this sign-in lacks the role ${role}, so it can preview but not ${runtime.pair.words.apply}`);
}
