import { parseRfc3339, toRfc3339 } from '../../containment/duration.ts';
import type { KnownRequest } from '../../containment/one-shot.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import type { MachineAction, MachineActionStatus } from '../../defender/machine-action.ts';
import { parseActionId } from '../../defender/machine-actions.ts';
import { lineText, optionalLines } from '../quarantine/known-host.ts';
import { readPairs, textOfPairs } from '../quarantine/pairs.ts';

/** One machine that was asked, as state holds it. */
export interface KnownMachine {
  readonly machineId: MachineId;
  readonly request: KnownRequest;
  /** As Defender named the device when it was asked. */
  readonly deviceName: string | undefined;
  /** The declared name that is bound to it, in lower case; undefined where it is declared by its id. */
  readonly declaredAs: string | undefined;
}

/** How a request's status is told of a machine. */
export const statusWords: Readonly<Record<MachineActionStatus, string>> = {
  Succeeded: 'quarantined',
  Pending: 'pending',
  InProgress: 'running',
  Failed: 'failed',
  TimeOut: 'timed out',
  Cancelled: 'cancelled',
};
const statuses = new Map(Object.entries(statusWords).map(([status, word]) => [word, status as MachineActionStatus]));

/** `quarantined, at=2026-12-01T08:00:00Z, actionId=…, deviceName=…`: one line a machine. */
export function lineOf({ request, deviceName, declaredAs }: KnownMachine): string {
  const pairs: [string, string][] = [
    ['at', toRfc3339(request.requestedAt)],
    ['actionId', request.actionId],
  ];
  if (deviceName !== undefined) pairs.push(['deviceName', deviceName]);
  if (declaredAs !== undefined) pairs.push(['declaredAs', declaredAs]);
  return textOfPairs(statusWords[request.status], pairs);
}

export function byLine(key: string, line: string): KnownMachine | undefined {
  const pairs: Record<string, string> = {};
  const word = readPairs(line, (name, value) => {
    pairs[name] = value;
  });
  const machineId = parseMachineId(key);
  const status = statuses.get(word);
  const actionId = parseActionId(pairs.actionId ?? '');
  const requestedAt = parseRfc3339(pairs.at ?? '');
  if (machineId === undefined || status === undefined || actionId === undefined || requestedAt === undefined)
    return undefined;
  return {
    machineId,
    request: { actionId, status, requestedAt },
    deviceName: pairs.deviceName,
    declaredAs: pairs.declaredAs,
  };
}

/** The machines of a state; `unreadable` are lines that nobody of this version wrote. Throws UserError for what is no map. */
export function knownMachines(lines: unknown): {
  readonly machines: ReadonlyMap<MachineId, KnownMachine>;
  readonly unreadable: ReadonlyMap<string, string>;
} {
  const machines = new Map<MachineId, KnownMachine>();
  const unreadable = new Map<string, string>();
  for (const [key, line] of Object.entries(optionalLines(lines, 'the machines'))) {
    const known = typeof line === 'string' ? byLine(key, line) : undefined;
    if (known === undefined) unreadable.set(key, lineText(line));
    else machines.set(known.machineId, known);
  }
  return { machines, unreadable };
}

export function requestOf(action: MachineAction): KnownRequest {
  return { actionId: action.id, status: action.status, requestedAt: action.createdAt };
}

export function isUnderWay({ status }: KnownRequest): boolean {
  return status === 'Pending' || status === 'InProgress';
}

/** `3 machines: 2 quarantined, 1 pending`. */
export function summaryOf(machines: Iterable<KnownMachine>): string {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { request } of machines) {
    total += 1;
    const word = statusWords[request.status];
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const states = [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${count} ${word}`);
  return `${total} ${total === 1 ? 'machine' : 'machines'}: ${states.join(', ') || 'none'}`;
}

export function nameOf({ deviceName, machineId }: Pick<KnownMachine, 'deviceName' | 'machineId'>): string {
  return deviceName === undefined ? `machine ${machineId}` : `${deviceName} (${machineId})`;
}
