/** App roles of which a call needs at least one. */
export type OneOf = readonly string[];

/**
 * The routes this client calls. `key` names a route in messages and is what the service's rate limits count by;
 * a token needs one role of every group in `roles`, of which an entry that a caller most wants stands first.
 */
export interface Route {
  readonly key: string;
  readonly method: 'GET' | 'POST';
  readonly roles: readonly OneOf[];
}

export const readMachines: OneOf = ['Machine.Read.All', 'Machine.ReadWrite.All'];

/**
 * Roles: the permission tables of Microsoft Learn's API pages. What is asked of machines has routes of its own
 * (response-actions.ts).
 */
export const routes = {
  listMachines: { key: 'GET machines', method: 'GET', roles: [readMachines] },
  getMachine: { key: 'GET machines/{id}', method: 'GET', roles: [readMachines] },
  listMachineActions: { key: 'GET machineactions', method: 'GET', roles: [readMachines] },
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
} as const satisfies Record<string, Route>;
