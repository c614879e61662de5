import type { Call } from './call.ts';
import { deleteIndicator, listIndicators, putIndicator } from './indicator-routes.ts';
import { getPackageUri } from './investigation-package.ts';
import { cancelMachineAction, getMachineAction, listMachineActions, submitAction } from './machine-action-routes.ts';
import { findMachinesByTag, getMachine, listMachines } from './machine-routes.ts';
import { cancelRoles, type Needs, readRoles, readScopes } from './permissions.ts';
import type { Reply } from './reply.ts';
import { responseActions } from './response-actions.ts';
import type { LimitShare } from './throttle.ts';

/** A route of the API, with what a token needs for it. */
export interface ApiRoute extends Needs {
  /** `GET machines`, `POST machines/{id}/isolate`, …: its name in faults and statistics. */
  readonly name: string;
  readonly method: string;
  /** Lower case. */
  readonly pattern: readonly string[];
  /** Set where the route may be called less often than others. */
  readonly share?: LimitShare;
  handle(call: Call): Reply;
}

const toRead: Needs = { roles: [readRoles], scopes: [readScopes] };
const toCancel: Needs = { roles: [cancelRoles], scopes: [cancelRoles] };
const forIndicators: Needs = { roles: [['Ti.ReadWrite', 'Ti.ReadWrite.All']], scopes: [['Ti.ReadWrite']] };
/** Apps need no more than to read machines, by the documents; persons need what it takes to collect. */
const toFetchPackage: Needs = { roles: [readRoles], scopes: [['Machine.CollectForensics']] };
const packageLimits: LimitShare = { perMinute: 2 / 100, perHour: 120 / 1500 };

const routes: readonly ApiRoute[] = [
  route('GET machines', toRead, listMachines),
  // Before the route that would take it for a name.
  route('GET machines/findbytag', toRead, findMachinesByTag),
  route('GET machines/{id}', toRead, getMachine),
  route('GET machineactions', toRead, listMachineActions),
  route('GET machineactions/{id}', toRead, getMachineAction),
  route('POST machineactions/{id}/cancel', toCancel, cancelMachineAction),
  { ...route('GET machineactions/{id}/getPackageUri', toFetchPackage, getPackageUri), share: packageLimits },
  route('GET indicators', forIndicators, listIndicators),
  route('POST indicators', forIndicators, putIndicator),
  route('DELETE indicators/{id}', forIndicators, deleteIndicator),
  ...responseActions.map((kind) => route(`POST machines/{id}/${kind.path}`, kind, (call) => submitAction(call, kind))),
];

function route(name: string, { roles, scopes }: Needs, handle: (call: Call) => Reply): ApiRoute {
  const [method = '', path = ''] = name.split(' ');
  return { name, method, pattern: path.toLowerCase().split('/'), roles, scopes, handle };
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
