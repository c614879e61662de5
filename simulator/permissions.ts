import type { Bearer } from './entra.ts';
import { ApiError } from './errors.ts';

/** Permissions of which a token needs one. */
export type OneOf = readonly string[];

/** What a route takes, of an app and of a person: one permission of every group. */
export interface Needs {
  readonly roles: readonly OneOf[];
  readonly scopes: readonly OneOf[];
}

/** Throws the ApiError of a token that lacks something; it names every group of which nothing is there. */
export function checkPermissions({ roles, scopes }: Needs, bearer: Bearer): void {
  const groups = bearer.delegated ? scopes : roles;
  const missing = groups.filter((group) => !group.some((one) => bearer.permissions.includes(one)));
  if (missing.length === 0) return;
  const kind = bearer.delegated ? 'scopes' : 'roles';
  throw new ApiError(
    403,
    'Forbidden',
    `Missing application ${kind}. API required ${kind}: ${missing.flat().join(',')}, application ${kind}: ${bearer.permissions.join(',')}.`,
  );
}

export const readRoles: OneOf = ['Machine.Read.All', 'Machine.ReadWrite.All'];
export const readScopes: OneOf = ['Machine.Read', 'Machine.ReadWrite'];

/** Any one of these lets a token cancel. */
export const cancelRoles: OneOf = [
  'Machine.CollectForensics',
  'Machine.Isolate',
  'Machine.RestrictExecution',
  'Machine.Scan',
  'Machine.Offboard',
  'Machine.StopAndQuarantine',
  'Machine.LiveResponse',
];
