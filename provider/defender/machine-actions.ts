import type { MachineActionQuery, MachineActionSearch } from './api.ts';
import { asObject, asText, type JsonObject, textOrNull } from './json-body.ts';
import { type MachineId, parseMachineId } from './machine.ts';
import type { ActionId, MachineAction, MachineActionStatus } from './machine-action.ts';
import { allOf, type Filter, isOneOf, since } from './odata.ts';
import { parseServiceTime } from './service-time.ts';

const statuses: Readonly<Record<string, MachineActionStatus>> = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  TimeOut: 'TimeOut',
  Cancelled: 'Cancelled',
  // As older documentation spells it.
  Canceled: 'Cancelled',
};

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id in lower case, or undefined where `text` is no GUID. */
export function parseActionId(text: string): ActionId | undefined {
  return guid.test(text) ? (text.toLowerCase() as ActionId) : undefined;
}

/**
 * A machine action as the service writes it, or undefined where something is missing or unknown that containment is
 * folded from: an action whose status or time cannot be read must not be taken for any other.
 */
export function parseMachineAction(value: unknown): MachineAction | undefined {
  const body = asObject(value);
  if (body === undefined) return undefined;
  const id = parseActionId(asText(body.id) ?? '');
  const machineId = parseMachineId(asText(body.machineId) ?? '');
  const type = textOrNull(body.type);
  const statusText = asText(body.status) ?? '';
  const status = Object.hasOwn(statuses, statusText) ? statuses[statusText] : undefined;
  const createdAt = parseServiceTime(body.creationDateTimeUtc);
  const updatedAt = parseServiceTime(body.lastUpdateDateTimeUtc ?? body.lastUpdateTimeUtc);
  if (id === undefined || machineId === undefined || type === null || status === undefined) return undefined;
  if (createdAt === undefined || updatedAt === undefined) return undefined;
  return {
    id,
    type,
    status,
    machineId,
    computerDnsName: textOrNull(body.computerDnsName),
    requestor: asText(body.requestor) ?? '',
    requestorComment: asText(body.requestorComment) ?? '',
    requestSource: textOrNull(body.requestSource),
    scope: textOrNull(body.scope),
    sha1: sha1Of(body.relatedFileInfo),
    createdAt,
    updatedAt,
    cancellationRequestor: textOrNull(body.cancellationRequestor),
    cancellationComment: textOrNull(body.cancellationComment),
    externalId: textOrNull(body.externalId),
  };
}

function sha1Of(relatedFileInfo: unknown): string | null {
  const { fileIdentifier, fileIdentifierType } = asObject(relatedFileInfo) ?? {};
  const text = asText(fileIdentifier);
  return asText(fileIdentifierType)?.toLowerCase() === 'sha1' && text !== undefined ? text.toLowerCase() : null;
}

export function actionFilter(
  query: MachineActionQuery,
  machineIds: readonly MachineId[] | undefined,
): Filter | undefined {
  return allOf([
    ...(query.types.length === 0 ? [] : [isOneOf('type', query.types)]),
    ...(machineIds === undefined ? [] : [isOneOf('machineId', machineIds)]),
    ...(query.createdSince === undefined ? [] : [since('creationDateTimeUtc', query.createdSince)]),
  ]);
}

/** Whether the action is what was asked for, should the service have overlooked a part of the filter. */
export function answers(action: MachineAction, query: MachineActionQuery): boolean {
  return (
    (query.types.length === 0 || query.types.includes(action.type)) &&
    (query.createdSince === undefined || action.createdAt >= query.createdSince)
  );
}

export function searchFilter({ types, machineId, statuses, createdSince }: MachineActionSearch): Filter | undefined {
  return allOf([
    ...(types === undefined || types.length === 0 ? [] : [isOneOf('type', types)]),
    ...(machineId === undefined ? [] : [isOneOf('machineId', [machineId])]),
    ...(statuses === undefined || statuses.length === 0 ? [] : [isOneOf('status', statuses)]),
    ...(createdSince === undefined ? [] : [since('creationDateTimeUtc', createdSince)]),
  ]);
}

export function fitsActionSearch(action: MachineAction, search: MachineActionSearch): boolean {
  const { types = [], machineId, statuses = [], createdSince = Number.NEGATIVE_INFINITY } = search;
  return (
    (types.length === 0 || types.includes(action.type)) &&
    (machineId === undefined || action.machineId === machineId) &&
    (statuses.length === 0 || statuses.includes(action.status)) &&
    action.createdAt >= createdSince
  );
}

/** Newest request first; of one instant, by id. */
export function newestFirst(a: MachineAction, b: MachineAction): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The link in an answer of `getPackageUri`, or undefined where it holds none; the documents' sample has it in quotes. */
export function packageUriOf(body: JsonObject): string | undefined {
  const text = asText(body.value)
    ?.trim()
    .replace(/^"(.*)"$/, '$1');
  return text !== undefined && /^https:\/\/[^\s"<>]+$/i.test(text) && URL.canParse(text) ? text : undefined;
}
