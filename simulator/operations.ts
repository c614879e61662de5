import type { AnalystRequest, Control, InTenant, MachineChanges, NewApp, NewIndicator, NewMachine } from './control.ts';
import type { FederatedCredential, MintRequest } from './entra.ts';
import type { Latencies } from './estate.ts';
import type { FaultRule } from './faults.ts';
import type { IsolationType } from './machine.ts';
import type { SwitchSettings } from './switches.ts';
import { switches } from './switches.ts';
import type { RateLimits } from './throttle.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** One thing that the control does, over HTTP. */
export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly about: string;
  /** Fields of the JSON body, or of the query for GET. */
  readonly takes: string;
  run(control: Control, given: Arguments): unknown;
}

/** Every operation of the control; the methods of Control say more. `tenantId` may be added where machines are meant. */
export const operations: readonly Operation[] = [
  get('time', 'The simulated time.', '', (control) => ({ now: control.now() })),
  post(
    'advance',
    'Moves time on; what falls due in between happens in order.',
    'duration ("7d", "1h30m", "66s", ms)',
    (control, given) => ({
      now: control.advance(given.duration as string | number),
    }),
  ),
  post('speed', 'Simulated seconds per real second; 0: time stands still.', 'speed', (control, given) =>
    control.setSpeed(number(given, 'speed')),
  ),

  get('machines', 'Every machine, with what is really in force on it.', 'tenantId?', (control, given) =>
    control.machines(tenant(given)),
  ),
  get('machine', 'One machine, with what is really in force on it.', 'machine (id or name)', (control, given) =>
    control.machine(text(given, 'machine'), tenant(given)),
  ),
  get(
    'isolations',
    'When a machine was really isolated, and what ended it.',
    'machine (id or name)',
    (control, given) => control.isolations(text(given, 'machine'), tenant(given)),
  ),
  post('machines/seed', 'Adds a made-up fleet.', 'count, seed?', (control, given) =>
    control.seed({ ...given, count: number(given, 'count') }),
  ),
  post(
    'machines/add',
    'Adds one machine.',
    'id?, online?, any property of a machine, files? ([{sha1, signer?, lastSeen?}]), latencySeconds?, outcomes?',
    (control, given) => control.addMachine(without(given, 'tenantId') as NewMachine, tenant(given)),
  ),
  post(
    'machines/set',
    'Changes a machine.',
    'machine, online?, any property, files? (null: every file), latencySeconds?, outcomes?',
    (control, given) =>
      control.setMachine(
        text(given, 'machine'),
        without(given, 'machine', 'tenantId') as MachineChanges,
        tenant(given),
      ),
  ),
  post(
    'machines/force',
    'Isolates or releases without a machine action.',
    'machine, type (Full, Selective or null)',
    (control, given) => control.force(text(given, 'machine'), given.type as IsolationType | null, tenant(given)),
  ),
  post('machines/restore-files', 'Restores quarantined files on the device.', 'machine', (control, given) =>
    control.restoreFiles(text(given, 'machine'), tenant(given)),
  ),
  post('machines/reinstall', 'Installs a device anew, under a new id.', 'machine, merged?', (control, given) =>
    control.reinstall(text(given, 'machine'), without(given, 'machine')),
  ),
  post('machines/rename', 'Renames a machine.', 'machine, computerDnsName', (control, given) =>
    control.rename(text(given, 'machine'), text(given, 'computerDnsName'), tenant(given)),
  ),
  post('machines/offboard', 'Takes the sensor away.', 'machine', (control, given) =>
    control.offboard(text(given, 'machine'), tenant(given)),
  ),
  post('machines/remove', 'Takes a machine out of the tenant.', 'machine', (control, given) =>
    control.removeMachine(text(given, 'machine'), tenant(given)),
  ),

  post(
    'analyst/isolate',
    'Isolates by hand.',
    'machine, by?, comment?, requestSource?, isolationType?, latencySeconds?',
    (control, given) => control.isolate(text(given, 'machine'), given as AnalystRequest, tenant(given)),
  ),
  post(
    'analyst/unisolate',
    'Releases by hand.',
    'machine, by?, comment?, requestSource?, latencySeconds?',
    (control, given) => control.unisolate(text(given, 'machine'), given as AnalystRequest, tenant(given)),
  ),
  post(
    'analyst/act',
    'Asks for any response action by hand.',
    'machine, type (StopAndQuarantineFile, …), sha1?, scanType?, isolationType?, by?, comment?, requestSource?, latencySeconds?',
    (control, given) =>
      control.act(text(given, 'machine'), text(given, 'type'), given as AnalystRequest, tenant(given)),
  ),
  post('analyst/cancel', 'Cancels an action by hand.', 'action, by?, comment?', (control, given) =>
    control.cancel(text(given, 'action'), given as AnalystRequest, tenant(given)),
  ),
  get(
    'actions',
    'Every action ever made, with who, when, by which way, and what became of it.',
    'machine?',
    (control, given) => control.actions(given),
  ),

  get('indicators', 'Every active indicator.', '', (control, given) => control.indicators(tenant(given))),
  post(
    'indicators/add',
    'Adds or changes an indicator by hand.',
    'indicatorValue, indicatorType? (FileSha1), action?, title?, description?, severity?, expirationTime?, rbacGroupNames?, generateAlert?, by?',
    (control, given) => control.addIndicator(without(given, 'tenantId') as unknown as NewIndicator, tenant(given)),
  ),
  post('indicators/remove', 'Deletes an indicator by hand.', 'indicator (id or value)', (control, given) =>
    control.removeIndicator(text(given, 'indicator'), tenant(given)),
  ),

  get('switches', 'How the switches stand, and what each is about.', '', (control) =>
    Object.entries(control.switches()).map(([name, value]) => ({
      name,
      value,
      ...switches[name as keyof SwitchSettings],
    })),
  ),
  post('switches', 'Sets switches.', 'name: value, …', (control, given) =>
    control.setSwitches(given as Partial<SwitchSettings>),
  ),
  post('switches/reset', 'Sets every switch to its default.', '', (control) => control.resetSwitches()),
  post(
    'limits',
    'Calls a minute and an hour, per route, app and tenant, and how long the two windows are.',
    'perMinute?, perHour?, minuteMs?, hourMs?',
    (control, given) => control.setLimits(given as Partial<RateLimits>),
  ),
  post('latencies', 'Seconds an action takes, by type.', 'Isolate?, Unisolate?', (control, given) =>
    control.setLatencies(given as Latencies),
  ),
  post('throttle/reset', 'Makes the quota whole again.', '', (control) => control.resetThrottle()),

  get('faults', 'The faults in force.', '', (control) => control.faults()),
  post(
    'faults/add',
    'Adds a fault.',
    'effect {kind, …}, route?, method?, nth?, percent?, seed?, count?',
    (control, given) => ({
      id: control.addFault(given as unknown as FaultRule),
    }),
  ),
  post('faults/remove', 'Removes a fault.', 'id', (control, given) => control.removeFault(text(given, 'id'))),
  post('faults/clear', 'Removes every fault.', '', (control) => control.clearFaults()),
  post('connections/refuse', 'Refuses connections.', 'forMs? (real; absent: until accepted again)', (control, given) =>
    control.refuseConnections(given.forMs as number | undefined),
  ),
  post('connections/accept', 'Accepts connections again.', '', (control) => control.acceptConnections()),

  post('tenants/add', 'Adds a tenant.', 'tenantId, domain?', (control, given) =>
    control.addTenant(text(given, 'tenantId'), given.domain as string | undefined),
  ),
  post(
    'apps/add',
    'Registers an app.',
    'tenantId?, clientId?, displayName?, roles?, clientSecret?, certificates?, federated?',
    (control, given) => control.addApp(given as NewApp),
  ),
  post('apps/roles', 'Sets the roles of an app.', 'clientId, roles', (control, given) =>
    control.setRoles(text(given, 'clientId'), given.roles as readonly string[], tenant(given)),
  ),
  post('apps/secret', 'Adds a secret to an app.', 'clientId', (control, given) => ({
    clientSecret: control.addSecret(text(given, 'clientId'), tenant(given)),
  })),
  post('apps/expire-secrets', 'Ends the life of the secrets of an app.', 'clientId', (control, given) =>
    control.expireSecrets(text(given, 'clientId'), tenant(given)),
  ),
  post('tokens/expire', 'Makes every token given out so far invalid.', '', (control) => control.expireTokens()),
  post(
    'tokens/mint',
    'A token that says what it is told to.',
    'appId?, roles?, scopes?, userPrincipalName?, audience?, expiresIn?',
    (control, given) => ({
      token: control.mintToken(given as Partial<MintRequest>),
    }),
  ),
  post(
    'tokens/federated',
    'A token of an outside issuer, for workload identity.',
    'issuer, subject, audience?',
    (control, given) => ({
      token: control.federatedToken(given as unknown as FederatedCredential),
    }),
  ),

  get('statistics', 'Requests by route, app and status.', '', (control) => control.statistics()),
  get('requests', 'The latest requests, oldest first.', 'limit?', (control, given) =>
    control.requests(given.limit === undefined ? undefined : Number(given.limit)),
  ),
  post('statistics/reset', 'Counts from nought again.', '', (control) => control.resetStatistics()),
];

type Run = Operation['run'];

function get(name: string, about: string, takes: string, run: Run): Operation {
  return { name, method: 'GET', about, takes, run };
}

function post(name: string, about: string, takes: string, run: Run): Operation {
  return { name, method: 'POST', about, takes, run };
}

function text(given: Arguments, name: string): string {
  const value = given[name];
  if (typeof value !== 'string' || value === '') throw new TypeError(`"${name}" is missing; it is a text`);
  return value;
}

function number(given: Arguments, name: string): number {
  const value = given[name];
  if (typeof value !== 'number') throw new TypeError(`"${name}" is missing; it is a number`);
  return value;
}

function tenant({ tenantId }: Arguments): InTenant {
  return typeof tenantId === 'string' ? { tenantId } : {};
}

function without(given: Arguments, ...names: readonly string[]): Arguments {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
}
