/** App roles of which a call needs at least one. */
type OneOf = readonly string[];

/**
 * The routes this client calls. `key` names a route in messages and is what the service's rate limits count by;
 * a token needs one role of every group in `roles`, of which an entry that a caller most wants stands first.
 */
export interface Route {
  readonly key: string;
  readonly method: 'GET' | 'POST';
  readonly roles: readonly OneOf[];
}

const readMachines: OneOf = ['Machine.Read.All', 'Machine.ReadWrite.All'];

/** Roles: the permission tables of Microsoft Learn's API pages; actions also need a role that reads machines. */
export const routes = {
  listMachines: { key: 'GET machines', method: 'GET', roles: [readMachines] },
  getMachine: { key: 'GET machines/{id}', method: 'GET', roles: [readMachines] },
  listMachineActions: { key: 'GET machineactions', method: 'GET', roles: [readMachines] },
  isolate: { key: 'POST machines/{id}/isolate', method: 'POST', roles: [['Machine.Isolate'], readMachines] },
  unisolate: { key: 'POST machines/{id}/unisolate', method: 'POST', roles: [['Machine.Isolate'], readMachines] },
  cancelMachineAction: {
    key: 'POST machineactions/{id}/cancel',
    method: 'POST',
    // Any role for the action's own kind would do; the only actions that this product cancels are isolations.
    roles: [['Machine.Isolate'], readMachines],
  },
} as const satisfies Record<string, Route>;
