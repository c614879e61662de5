import type { Call } from './call.ts';
import { cancelMachineAction, getMachineAction, listMachineActions, submitAction } from './machine-action-routes.ts';
import { getMachine, listMachines } from './machine-routes.ts';
import type { Reply } from './reply.ts';
import { cancelRoles, responseActions } from './response-actions.ts';

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
