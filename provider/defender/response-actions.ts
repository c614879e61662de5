import type { JsonObject } from './json-body.ts';
import type { IsolationType } from './machine-action.ts';
import { type OneOf, type Route, readMachines } from './routes.ts';

export type ScanType = 'Quick' | 'Full';

/** What is asked of a machine, with all that the request says beside its comment. */
export type ResponseRequest =
  | { readonly type: 'Isolate'; readonly isolationType: IsolationType }
  | { readonly type: 'Unisolate' }
  | { readonly type: 'RestrictCodeExecution' }
  | { readonly type: 'UnrestrictCodeExecution' }
  /** `sha1`: 40 hexadecimal digits. */
  | { readonly type: 'StopAndQuarantineFile'; readonly sha1: string }
  | { readonly type: 'RunAntiVirusScan'; readonly scanType: ScanType }
  | { readonly type: 'CollectInvestigationPackage' };

export type ResponseType = ResponseRequest['type'];

interface ResponseAction<Request> {
  /** The last segment of `POST machines/{id}/…`. */
  readonly path: string;
  /** The role of this action; one that reads machines is needed beside it. */
  readonly role: string;
  /** Parameters of the body beside `Comment`; the service minds the case of their names. */
  parameters(request: Request): JsonObject;
}

const none = () => ({});

/** Source of paths, parameters and roles: the API pages of Microsoft Learn. */
const responseActions: { readonly [T in ResponseType]: ResponseAction<Extract<ResponseRequest, { type: T }>> } = {
  Isolate: {
    path: 'isolate',
    role: 'Machine.Isolate',
    parameters: ({ isolationType }) => ({ IsolationType: isolationType }),
  },
  Unisolate: { path: 'unisolate', role: 'Machine.Isolate', parameters: none },
  RestrictCodeExecution: { path: 'restrictCodeExecution', role: 'Machine.RestrictExecution', parameters: none },
  UnrestrictCodeExecution: { path: 'unrestrictCodeExecution', role: 'Machine.RestrictExecution', parameters: none },
  StopAndQuarantineFile: {
    path: 'StopAndQuarantineFile',
    role: 'Machine.StopAndQuarantine',
    parameters: ({ sha1 }) => ({ Sha1: sha1 }),
  },
  RunAntiVirusScan: {
    path: 'runAntiVirusScan',
    role: 'Machine.Scan',
    parameters: ({ scanType }) => ({ ScanType: scanType }),
  },
  CollectInvestigationPackage: {
    path: 'collectInvestigationPackage',
    role: 'Machine.CollectForensics',
    parameters: none,
  },
};

/** The role that asking for this action needs, beside one that reads machines. */
export function roleOf(type: ResponseType): string {
  return responseActions[type].role;
}

export function routeOf(type: ResponseType): Route {
  const { path, role } = responseActions[type];
  const own: OneOf = [role];
  return { key: `POST machines/{id}/${path}`, method: 'POST', roles: [own, readMachines] };
}

export function pathOf(type: ResponseType): string {
  return responseActions[type].path;
}

export function bodyOf(request: ResponseRequest, comment: string): JsonObject {
  // Each row takes the requests of its own type.
  const { parameters } = responseActions[request.type] as ResponseAction<ResponseRequest>;
  return { Comment: comment, ...parameters(request) };
}
