import type { TokenIdentity } from './api.ts';
import { type ResponseType, routeOf } from './response-actions.ts';
import { type OneOf, type Route, routes } from './routes.ts';

/** What a resource or function calls of the API, and so which roles a sign-in needs for it. */
export interface Permissions {
  /** For previews, and for whatever only looks. */
  readonly reads: readonly Route[];
  /** For what it changes, beside those. */
  readonly writes: readonly Route[];
  /** The same for what only some declarations ask for: by the property that does. */
  readonly writesFor?: Readonly<Record<string, readonly Route[]>>;
}

const machines = [routes.listMachines, routes.getMachine];
const actions = [...machines, routes.listMachineActions];

function asks(...types: readonly ResponseType[]): readonly Route[] {
  return types.map(routeOf);
}

function cancels(...types: readonly ResponseType[]): readonly Route[] {
  return [...asks(...types), routes.cancelMachineAction];
}

function looks(...reads: readonly Route[]): Permissions {
  return { reads, writes: [] };
}

/** By token. A new resource or function is a row here; the roles themselves stand with the routes. */
export const permissions: Readonly<Record<string, Permissions>> = {
  'mde:index:MachineIsolation': { reads: actions, writes: cancels('Isolate', 'Unisolate') },
  'mde:index:Quarantine': {
    reads: actions,
    writes: cancels('Isolate', 'Unisolate'),
    writesFor: {
      restrictCodeExecution: cancels('RestrictCodeExecution', 'UnrestrictCodeExecution'),
      files: asks('StopAndQuarantineFile'),
    },
  },
  'mde:index:FileQuarantine': { reads: actions, writes: asks('StopAndQuarantineFile') },
  'mde:index:CodeExecutionRestriction': {
    reads: actions,
    writes: cancels('RestrictCodeExecution', 'UnrestrictCodeExecution'),
  },
  'mde:index:FileIndicator': {
    reads: [routes.listIndicators],
    writes: [routes.putIndicator, routes.deleteIndicator],
  },
  'mde:index:AntivirusScan': { reads: actions, writes: asks('RunAntiVirusScan') },
  'mde:index:InvestigationPackage': {
    reads: actions,
    writes: [...asks('CollectInvestigationPackage'), routes.getPackageUri],
  },
  'mde:index:getMachine': looks(...machines),
  'mde:index:getMachines': looks(routes.listMachines),
  'mde:index:getIsolation': looks(...actions),
  'mde:index:getIsolatedMachines': looks(...actions),
  'mde:index:getMachineActions': looks(...actions),
};

/** The groups of roles that these routes need between them, each once; one that another implies is left out. */
export function groupsOf(called: readonly Route[]): readonly OneOf[] {
  const groups = new Map<string, OneOf>();
  for (const group of called.flatMap((route) => route.roles)) groups.set([...group].sort().join(), group);
  const all = [...groups.values()];
  const implies = (narrow: OneOf, wide: OneOf) => narrow !== wide && narrow.every((role) => wide.includes(role));
  return all.filter((group) => !all.some((other) => implies(other, group)));
}

/** An app role as a delegated token tells it: scopes are never for all by themselves, whatever they reach. */
export function scopeOf(role: string): string {
  return role.replace(/\.All$/, '');
}

/** A role by the name under which a sign-in of this kind holds it. */
export function nameFor({ delegated }: Pick<TokenIdentity, 'delegated'>, role: string): string {
  return delegated ? scopeOf(role) : role;
}

/** A scope by which a program may do whatever the person may: it says nothing of what that is. */
const everything = 'user_impersonation';

/**
 * The groups of which a sign-in holds nothing; none where its token does not tell what it holds, so that nothing is
 * refused on a guess.
 */
export function missingGroups(
  groups: readonly OneOf[],
  identity: Pick<TokenIdentity, 'roles' | 'delegated'>,
): readonly OneOf[] {
  const { roles } = identity;
  if (roles.length === 0 || (identity.delegated && roles.includes(everything))) return [];
  return groups.filter((group) => !group.some((role) => roles.includes(nameFor(identity, role))));
}
