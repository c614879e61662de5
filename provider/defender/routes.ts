/** App roles of which a call needs at least one. */
export type OneOf = readonly string[];

/** Everything but `GET` writes. */
export type Method = 'GET' | 'POST' | 'DELETE';

/**
 * The routes this client calls. `key` names a route in messages and is what the service's rate limits count by;
 * a token needs one role of every group in `roles`, of which an entry that a caller most wants stands first.
 */
export interface Route {
  readonly key: string;
  readonly method: Method;
  readonly roles: readonly OneOf[];
}

export const readMachines: OneOf = ['Machine.Read.All', 'Machine.ReadWrite.All'];

/** There is no role to read indicators only. With the second, an app sees none but those that it created itself. */
export const allIndicators = 'Ti.ReadWrite.All';
export const indicatorRoles: OneOf = [allIndicators, 'Ti.ReadWrite'];

/**
 * Roles: the permission tables of Microsoft Learn's API pages. What is asked of machines has routes of its own
 * (response-actions.ts).
 */
export const routes = {
  listMachines: { key: 'GET machines', method: 'GET', roles: [readMachines] },
  getMachine: { key: 'GET machines/{id}', method: 'GET', roles: [readMachines] },
  listMachineActions: { key: 'GET machineactions', method: 'GET', roles: [readMachines] },
  // At most twice a minute. Persons need Machine.CollectForensics for it, which they need for the collection anyway.
  getPackageUri: { key: 'GET machineactions/{id}/getPackageUri', method: 'GET', roles: [readMachines] },
  cancelMachineAction: {
    key: 'POST machineactions/{id}/cancel',
    method: 'POST',
    // Any one of the roles by which something can be asked of a machine.
    roles: [
      [
        'Machine.Isolate',
        'Machine.RestrictExecution',
        'Machine.StopAndQuarantine',
        'Machine.Scan',
        'Machine.CollectForensics',
        'Machine.Offboard',
        'Machine.LiveResponse',
      ],
      readMachines,
    ],
  },
  listIndicators: { key: 'GET indicators', method: 'GET', roles: [indicatorRoles] },
  putIndicator: { key: 'POST indicators', method: 'POST', roles: [indicatorRoles] },
  deleteIndicator: { key: 'DELETE indicators/{id}', method: 'DELETE', roles: [indicatorRoles] },
} as const satisfies Record<string, Route>;
