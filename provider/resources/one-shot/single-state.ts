import { parseRfc3339, toRfc3339 } from '../../containment/duration.ts';
import type { KnownRequest } from '../../containment/one-shot.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { isRunning, type MachineAction } from '../../defender/machine-action.ts';
import { parseActionId } from '../../defender/machine-actions.ts';
import { stateVersion } from '../machine-isolation/state.ts';
import { type PropertyMap, type PropertyValue, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { type ActionStatus, type AntivirusScanOutputs, actionStatusValues } from '../schema-types.ts';
import type { SingleSpec } from './single.ts';

/** Outputs that all of these resources have, as far as state can be trusted to hold them. */
export type SingleState = Partial<Omit<AntivirusScanOutputs, 'scanType'>>;

export function stateOf(outputs: PropertyMap): SingleState {
  return outputs as SingleState;
}

/** The request that state holds; undefined where it holds none that can be read. */
export function knownRequest({ actionId, status, requestedAt }: SingleState): KnownRequest | undefined {
  const at = typeof requestedAt === 'string' ? parseRfc3339(requestedAt) : undefined;
  const known = typeof actionId === 'string' ? parseActionId(actionId) : undefined;
  if (known === undefined || at === undefined || !isStatus(status)) return undefined;
  return { actionId: known, status, requestedAt: at };
}

export function isStatus(status: unknown): status is ActionStatus {
  return (actionStatusValues as readonly unknown[]).includes(status);
}

/** The machine that state is about. Throws UserError where it cannot be read. */
export function machineOfState({ machineId }: SingleState, id: string): MachineId {
  const found = parseMachineId(typeof machineId === 'string' ? machineId : (id.split('/')[0] ?? ''));
  if (found !== undefined) return found;
  throw new UserError(
    'what the state holds of the machine is not as pulumi-mde wrote it, so nothing was sent. Restore it from the stack’s history',
  );
}

/** `MACHINEID/ACTIONID`. */
export function idOf(action: MachineAction): string {
  return `${action.machineId}/${action.id}`;
}

/** Outputs as they go to state: the declaration, and the action that it led to. */
export async function outputsOf(
  spec: SingleSpec,
  inputs: PropertyMap,
  action: MachineAction,
  more: { readonly deviceName: string | undefined; readonly note?: string | undefined; readonly results?: PropertyMap },
  runtime: Runtime,
  before: SingleState = {},
): Promise<PropertyMap> {
  const { tenantId } = await runtime.identity();
  const declared = Object.fromEntries(
    Object.entries(inputs).filter(([name]) => spec.outputNames.includes(name) && name !== 'deviceName'),
  );
  const outputs: Record<string, PropertyValue | undefined> = {
    ...declared,
    machineId: action.machineId,
    deviceName: more.deviceName ?? action.computerDnsName ?? before.deviceName,
    actionId: action.id,
    status: action.status,
    requestedAt: toRfc3339(action.createdAt),
    finishedAt: isRunning(action) ? undefined : toRfc3339(action.updatedAt),
    requestor: action.requestor,
    note: more.note,
    ...more.results,
    tenantId: tenantId ?? before.tenantId ?? '',
    cloud: runtime.settings.cloud,
    stateVersion,
  };
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined)) as PropertyMap;
}

/** Outputs as they were, under a declaration of which only what asks for nothing has changed. */
export function redeclared(spec: SingleSpec, outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const isDeclared = (name: string) => spec.inputNames.includes(name) && name !== 'machineId' && name !== 'deviceName';
  const pick = (map: PropertyMap, wanted: (name: string) => boolean) =>
    Object.entries(map).filter(([name, value]) => wanted(name) && value !== undefined);
  return Object.fromEntries([...pick(outputs, (name) => !isDeclared(name)), ...pick(inputs, isDeclared)]);
}

/** What an earlier operation fetched of the same action. */
export function resultsKept({ results }: SingleSpec, before: PropertyMap, action: MachineAction): PropertyMap {
  if (results === undefined || before.actionId !== action.id) return {};
  return Object.fromEntries(results.names.map((name) => [name, before[name]]));
}
