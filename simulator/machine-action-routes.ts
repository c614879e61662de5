import { entityReply, listReply } from './answers.ts';
import { incorrectBody, readObject } from './body.ts';
import type { Call } from './call.ts';
import type { VirtualClock } from './clock.ts';
import type { Bearer } from './entra.ts';
import { notFound } from './errors.ts';
import { currentVersion, jsonOf, type MachineActionVersion, versionAt } from './machine-action.ts';
import { type Field, type Fields, type FieldType, type FieldValue, fieldsOf } from './odata/fields.ts';
import type { Reply } from './reply.ts';
import { acceptedParameters, type ResponseAction } from './response-action.ts';
import type { SwitchSettings } from './switches.ts';
import { type Ticks, ticksOf } from './time.ts';

const actionFields: Fields<MachineActionVersion> = fieldsOf('Microsoft.WindowsDefenderATP.Api.MachineAction', [
  actionField('id', 'string', true, ({ body }) => body.id),
  actionField('status', 'string', true, ({ body }) => body.status),
  actionField('machineId', 'string', true, ({ body }) => body.machineId),
  actionField('type', 'string', true, ({ body }) => body.type),
  actionField('requestor', 'string', true, ({ body }) => body.requestor),
  actionField('creationDateTimeUtc', 'datetime', true, ({ created }) => created),
  actionField('lastUpdateDateTimeUtc', 'datetime', false, ({ updated }) => updated),
  actionField('title', 'string', false, ({ body }) => body.title),
  actionField('requestorComment', 'string', false, ({ body }) => body.requestorComment),
  actionField('computerDnsName', 'string', false, ({ body }) => body.computerDnsName),
  actionField('scope', 'string', false, ({ body }) => body.scope),
  actionField('externalId', 'string', false, ({ body }) => body.externalId),
  actionField('requestSource', 'string', false, ({ body }) => body.requestSource),
  actionField('errorHResult', 'number', false, ({ body }) => body.errorHResult),
]);

function actionField(
  name: string,
  type: FieldType,
  filterable: boolean,
  value: (row: MachineActionVersion) => FieldValue,
): Field<MachineActionVersion> {
  return { name, type, filterable, value };
}

export function listMachineActions(call: Call): Reply {
  return listReply(call, 'MachineActions', visibleActions(call), actionFields, jsonOf);
}

/** Newest first, as the service's samples are. */
function visibleActions({ estate, parts, distortion }: Call): readonly MachineActionVersion[] {
  const { clock, settings } = parts;
  const { actions } = estate;
  const rows: MachineActionVersion[] = [];
  const asOf = moment(clock, distortion.staleSeconds ?? 0);
  const bornBy = moment(clock, settings.listDelaySeconds);
  for (let index = actions.length - 1; index >= 0; index -= 1) {
    const entry = actions[index];
    if (entry === undefined || (settings.listDelaySeconds > 0 && entry.created > bornBy)) continue;
    const version = distortion.staleSeconds === undefined ? currentVersion(entry) : versionAt(entry, asOf);
    if (version !== undefined) rows.push(version);
  }
  return rows;
}

export function getMachineAction({ estate, id, parts, distortion, ...call }: Call): Reply {
  const { clock, settings } = parts;
  const entry = estate.action(id);
  const hidden =
    settings.getDelaySeconds > 0 && entry !== undefined && entry.created > moment(clock, settings.getDelaySeconds);
  if (entry === undefined || hidden) throw notFound('MachineAction', id);
  const { staleSeconds } = distortion;
  const version = staleSeconds === undefined ? currentVersion(entry) : versionAt(entry, moment(clock, staleSeconds));
  if (version === undefined) throw notFound('MachineAction', id);
  return entityReply(call, 200, 'MachineActions', jsonOf(version));
}

function moment(clock: VirtualClock, secondsAgo: number): Ticks {
  return ticksOf(clock.now() - secondsAgo * 1000, 9999);
}

export function submitAction(call: Call, kind: ResponseAction): Reply {
  const { estate, id, bearer, parts } = call;
  const machine = estate.machines.target(id);
  const parameters = acceptedParameters(kind, readObject(call.body));
  const entry = estate.submit(machine, {
    kind,
    parameters,
    requestor: requestorOf(bearer, parts.settings),
    requestSource: 'PublicApi',
    origin: { via: 'api', tenantId: bearer.tenantId, appId: bearer.appId, route: call.route },
  });
  return entityReply(call, 201, 'MachineActions', jsonOf(currentVersion(entry)));
}

export function cancelMachineAction(call: Call): Reply {
  const { estate, id, bearer, parts } = call;
  const entry = estate.action(id);
  if (entry === undefined) throw notFound('MachineAction', id);
  const body = readObject(call.body);
  const comment = body.Comment;
  const named = Object.keys(body).every((name) => name === 'Comment');
  if (!named || (comment !== undefined && typeof comment !== 'string')) throw incorrectBody();
  estate.cancel(entry, requestorOf(bearer, parts.settings), comment ?? '');
  return entityReply(call, 200, 'MachineActions', jsonOf(currentVersion(entry)));
}

function requestorOf(bearer: Bearer, settings: SwitchSettings): string {
  if (bearer.userPrincipalName !== undefined) return bearer.userPrincipalName;
  return settings.requestorOfApps === 'id' ? bearer.appId : bearer.appDisplayName;
}
