import type { VirtualClock } from './clock.ts';
import { type ApiHost, apiHost } from './clouds.ts';
import type { Bearer, Entra } from './entra.ts';
import { ApiError, notFound } from './errors.ts';
import type { Estate } from './estate.ts';
import { healthStatus, lastSeen, type Machine, machineBody } from './machine.ts';
import { currentVersion, jsonOf, type MachineActionVersion, versionAt } from './machine-action.ts';
import { type Field, type Fields, type FieldType, type FieldValue, fieldsOf } from './odata/fields.ts';
import { largestPage, type Page, parseQuery, selectPage } from './odata/query.ts';
import { errorReply, jsonReply, type Reply, replyToError } from './reply.ts';
import { cancelRoles, type ResponseAction, responseActions } from './response-actions.ts';
import type { SwitchSettings } from './switches.ts';
import type { Throttle } from './throttle.ts';
import { type Ticks, ticksOf } from './time.ts';

/** A call to the API, its body read. */
export interface ApiRequest {
  readonly method: string;
  /** `Host` of the request, with its port. */
  readonly host: string;
  /** The path without `/api` and version, in pieces, decoded. */
  readonly segments: readonly string[];
  /** `/api` or `/api/v1.0`, as called. */
  readonly base: string;
  readonly parameters: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What a fault bends in a list. */
export interface ListDistortion {
  /** The list as it stood that many seconds ago. */
  readonly staleSeconds?: number;
  /** Added to `@odata.count`. */
  readonly countError?: number;
  /** Instead of the true next link. */
  readonly nextLink?: { readonly to: 'itself' } | { readonly to: 'origin'; readonly origin: string };
}

/** What the routes work on. */
export interface ApiParts {
  readonly clock: VirtualClock;
  readonly entra: Entra;
  readonly throttle: Throttle;
  readonly settings: SwitchSettings;
  estate(tenantId: string): Estate;
  newGuid(): string;
}

/** Who called, for the statistics; undefined where the token was no good. */
export interface ApiAnswer {
  readonly reply: Reply;
  readonly bearer: Bearer | undefined;
}

interface Call extends ApiRequest {
  readonly parts: ApiParts;
  readonly estate: Estate;
  readonly bearer: Bearer;
  readonly distortion: ListDistortion;
  /** The `{id}` of the route; empty where it has none. */
  readonly id: string;
  readonly route: string;
}

/** A route of the API, with what a token needs for it. */
export interface ApiRoute {
  /** `GET machines`, `POST machines/{id}/isolate`, …: its name in faults and statistics. */
  readonly name: string;
  readonly method: string;
  readonly pattern: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  handle(call: Call): Reply;
}

const readRoles = ['Machine.Read.All', 'Machine.ReadWrite.All'];
const readScopes = ['Machine.Read', 'Machine.ReadWrite'];

const routes: readonly ApiRoute[] = [
  route('GET machines', readRoles, readScopes, listMachines),
  route('GET machines/{id}', readRoles, readScopes, getMachine),
  route('GET machineactions', readRoles, readScopes, listMachineActions),
  route('GET machineactions/{id}', readRoles, readScopes, getMachineAction),
  route('POST machineactions/{id}/cancel', cancelRoles, cancelRoles, cancelMachineAction),
  ...responseActions.map((kind) =>
    route(`POST machines/{id}/${kind.path}`, kind.roles, kind.scopes, (call) => submitAction(call, kind)),
  ),
];

function route(
  name: string,
  roles: readonly string[],
  scopes: readonly string[],
  handle: (call: Call) => Reply,
): ApiRoute {
  const [method = '', path = ''] = name.split(' ');
  return { name, method, pattern: path.split('/'), roles, scopes, handle };
}

/** The route that a path leads to; letters may be of any case. */
export function matchRoute(method: string, segments: readonly string[]): { route: ApiRoute; id: string } | undefined {
  for (const candidate of routes) {
    const { pattern } = candidate;
    if (candidate.method !== method || pattern.length !== segments.length) continue;
    const fits = pattern.every((part, index) => part === '{id}' || part === segments[index]?.toLowerCase());
    if (fits) return { route: candidate, id: segments[pattern.indexOf('{id}')] ?? '' };
  }
  return undefined;
}

/** Answers a call as the service would. */
export function answer(request: ApiRequest, parts: ApiParts, distortion: ListDistortion): ApiAnswer {
  const target = parts.newGuid();
  const host = apiHost(hostName(request.host));
  if (host === undefined) return { reply: errorReply(404, 'NotFound', 'No such host', target), bearer: undefined };
  const bearer = authenticate(request, parts.entra);
  if (bearer === undefined) {
    const reply = errorReply(401, 'Unauthorized', 'Invalid or expired authorization header', target, {
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    });
    return { reply, bearer };
  }
  try {
    return { reply: serve(request, parts, distortion, host, bearer, target), bearer };
  } catch (error) {
    return { reply: replyToError(error, target, parts.settings), bearer };
  }
}

function serve(
  request: ApiRequest,
  parts: ApiParts,
  distortion: ListDistortion,
  host: ApiHost,
  bearer: Bearer,
  target: string,
): Reply {
  if (!host.audiences.includes(bearer.audience)) {
    throw new ApiError(403, 'Forbidden', 'The token was issued for another audience');
  }
  const match = matchRoute(request.method, request.segments);
  if (match === undefined)
    throw new ApiError(404, 'NotFound', `No resource was found for ${request.segments.join('/')}`);
  const { route: matched, id } = match;
  const throttled = refusedByThrottle(parts, bearer, matched, target);
  if (throttled !== undefined) return throttled;
  checkPermissions(matched, bearer);
  const estate = parts.estate(bearer.tenantId);
  return matched.handle({ ...request, parts, estate, bearer, distortion, id, route: matched.name });
}

function authenticate({ authorization }: ApiRequest, entra: Entra): Bearer | undefined {
  const match = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '');
  return match?.[1] === undefined ? undefined : entra.bearer(match[1]);
}

function refusedByThrottle(parts: ApiParts, bearer: Bearer, matched: ApiRoute, target: string): Reply | undefined {
  const { settings } = parts;
  const key = `${matched.name} ${bearer.appId} ${bearer.tenantId}`;
  const admission = parts.throttle.admit(key, parts.clock.now(), settings);
  if (admission.kind === 'admitted') return undefined;
  const message = `API calls quota exceeded! maximum allowed ${admission.maximum} per ${admission.window}`;
  const seconds = { exact: String(admission.waitSeconds), short: '1', absent: undefined }[settings.retryAfter];
  return errorReply(
    429,
    settings.throttleCode,
    message,
    target,
    seconds === undefined ? {} : { 'Retry-After': seconds },
  );
}

function checkPermissions(matched: ApiRoute, bearer: Bearer): void {
  const needed = bearer.delegated ? matched.scopes : matched.roles;
  if (needed.some((one) => bearer.permissions.includes(one))) return;
  const kind = bearer.delegated ? 'scopes' : 'roles';
  throw new ApiError(
    403,
    'Forbidden',
    `Missing application ${kind}. API required ${kind}: ${needed.join(',')}, application ${kind}: ${bearer.permissions.join(',')}.`,
  );
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

// Machines

const machineCache = new WeakMap<Machine, { key: string; properties: object; json: string }>();

/** A machine in JSON, made anew only where something in it changed. */
function machineJson(machine: Machine, now: number): string {
  const key = `${lastSeen(machine, now)} ${healthStatus(machine, now)}`;
  const cached = machineCache.get(machine);
  if (cached?.key === key && cached.properties === machine.properties) return cached.json;
  const json = JSON.stringify(machineBody(machine, now));
  machineCache.set(machine, { key, properties: machine.properties, json });
  return json;
}

function listMachines(call: Call): Reply {
  const { parts, estate } = call;
  if (estate.machines.size === 0 && parts.settings.noMachines === '404') {
    throw new ApiError(404, 'ResourceNotFound', 'No machines were found');
  }
  const now = parts.clock.now();
  return listReply(call, 'Machines', [...estate.machines.values()], machineFields(now), (one) => machineJson(one, now));
}

function getMachine({ estate, id, parts, ...call }: Call): Reply {
  const machine = estate.lookUp(id);
  if (machine === undefined) throw notFound('Machine', id);
  return entityReply(call, 200, 'Machines', machineJson(machine, parts.clock.now()));
}

function machineFields(now: number): Fields<Machine> {
  const property = (
    name: Exclude<keyof Machine['properties'], 'ipAddresses' | 'firstSeen' | 'lastSeen'>,
    type: FieldType,
    filterable: boolean,
  ): Field<Machine> => ({ name, type, filterable, value: ({ properties }) => properties[name] ?? null });
  return fieldsOf('Microsoft.WindowsDefenderATP.Api.Machine', [
    { name: 'id', type: 'string', filterable: true, value: ({ id }) => id },
    property('computerDnsName', 'string', true),
    property('version', 'string', true),
    property('deviceValue', 'string', true),
    property('aadDeviceId', 'string', true),
    property('machineTags', 'strings', true),
    { name: 'lastSeen', type: 'datetime', filterable: true, value: (machine) => lastSeen(machine, now) },
    property('exposureLevel', 'string', true),
    property('onboardingStatus', 'string', true),
    property('lastIpAddress', 'string', true),
    { name: 'healthStatus', type: 'string', filterable: true, value: (machine) => healthStatus(machine, now) },
    property('osPlatform', 'string', true),
    property('riskScore', 'string', true),
    property('rbacGroupId', 'number', true),
    {
      name: 'firstSeen',
      type: 'datetime',
      filterable: false,
      value: ({ properties }) => ticksOf(properties.firstSeen),
    },
    property('rbacGroupName', 'string', false),
    property('osBuild', 'number', false),
    property('osVersion', 'string', false),
    property('osProcessor', 'string', false),
    property('osArchitecture', 'string', false),
    property('agentVersion', 'string', false),
    property('lastExternalIpAddress', 'string', false),
    property('isAadJoined', 'boolean', false),
    property('mergedIntoMachineId', 'string', false),
    property('isPotentialDuplication', 'boolean', false),
    property('isExcluded', 'boolean', false),
    property('exclusionReason', 'string', false),
    property('defenderAvStatus', 'string', false),
    property('managedBy', 'string', false),
    property('managedByStatus', 'string', false),
  ]);
}

// Machine actions

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

function listMachineActions(call: Call): Reply {
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

function getMachineAction({ estate, id, parts, distortion, ...call }: Call): Reply {
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

function submitAction(call: Call, kind: ResponseAction): Reply {
  const { estate, id, bearer, parts } = call;
  const machine = estate.target(id);
  const parameters = readParameters(call.body, kind);
  const entry = estate.submit(machine, {
    kind,
    parameters,
    requestor: requestorOf(bearer, parts.settings),
    requestSource: 'PublicApi',
    origin: { via: 'api', tenantId: bearer.tenantId, appId: bearer.appId, route: call.route },
  });
  return entityReply(call, 201, 'MachineActions', jsonOf(currentVersion(entry)));
}

function cancelMachineAction(call: Call): Reply {
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

/** The body's parameters. Names are case-sensitive, so `comment` is not `Comment`. */
function readParameters(text: string, kind: ResponseAction): Readonly<Record<string, string>> {
  const body = readObject(text);
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    const parameter = kind.parameters.find((one) => one.name === name);
    if (parameter === undefined || (value !== null && typeof value !== 'string')) throw incorrectBody();
    if (value === null) continue;
    if (parameter.values?.includes(value) === false) throw new ApiError(400, 'InvalidInput', `Invalid input: ${name}`);
    parameters[name] = value;
  }
  for (const { name, required } of kind.parameters) {
    if (required && (parameters[name] ?? '').trim() === '') {
      throw new ApiError(400, 'MissingRequiredParameter', `Required parameter ${name} is missing`);
    }
  }
  return parameters;
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw incorrectBody();
}

function incorrectBody(): ApiError {
  return new ApiError(400, 'InvalidRequestBody', 'Request body is incorrect');
}

// Answers

type Addressed = Pick<ApiRequest, 'host' | 'base'>;

function contextOf({ host, base }: Addressed): string {
  return `https://${host}${base}/$metadata#`;
}

function entityReply(call: Addressed, status: number, set: string, json: string): Reply {
  const context = JSON.stringify(`${contextOf(call)}${set}/$entity`);
  return jsonReply(status, `{"@odata.context":${context},${json.slice(1)}`);
}

function listReply<Row>(
  call: Call,
  set: string,
  rows: readonly Row[],
  fields: Fields<Row>,
  toJson: (row: Row) => string,
): Reply {
  const { parts, parameters, distortion } = call;
  const query = parseQuery(parameters, fields, parts.settings);
  const page = selectPage(rows, query, parameters, Math.min(parts.settings.pageSize, largestPage));
  const head = [`"@odata.context":${JSON.stringify(contextOf(call) + set)}`];
  if (page.count !== undefined) head.push(`"@odata.count":${page.count + (distortion.countError ?? 0)}`);
  const value = `"value":[${page.rows.map(toJson).join(',')}]`;
  const link = nextLink(call, page);
  const tail = link === undefined ? [] : [`"@odata.nextLink":${JSON.stringify(link)}`];
  return jsonReply(200, `{${[...head, value, ...tail].join(',')}}`);
}

function nextLink(call: Call, { next }: Page<unknown>): string | undefined {
  const { host, base, segments, parameters, distortion } = call;
  const path = `${base}/${segments.join('/')}`;
  if (distortion.nextLink?.to === 'itself') return `https://${host}${path}?${parameters.toString()}`;
  if (distortion.nextLink?.to === 'origin') return `${distortion.nextLink.origin}${path}?${next ?? '$skip=1'}`;
  return next === undefined ? undefined : `https://${host}${path}?${next}`;
}

/** The moment that a `Date` header tells. */
export function httpDate(clock: VirtualClock): string {
  return new Date(clock.now()).toUTCString();
}
