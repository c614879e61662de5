import type { ActionRecord } from '../simulator/control.ts';
import type { Simulator } from '../simulator/start.ts';

/** What the simulator recorded since the last look. */
export interface NewOnRecord {
  /** Requests to machines, oldest first. */
  readonly actions: readonly ActionRecord[];
  /** Calls of the API that only read. */
  readonly reads: number;
  /** Calls of the API that did not only read, answered or not: `POST machines/{id}/isolate (201)`. */
  readonly writes: readonly string[];
  /** Names of the hosts that are really isolated. */
  readonly isolated: readonly string[];
}

/** The simulator's own record of what anybody did, read from where the last look ended. */
export class SimulatorLog {
  readonly #simulator: Simulator;
  #actions = 0;
  #requests = 0;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  look(): NewOnRecord {
    const { control } = this.#simulator;
    const actions = control.actions();
    const fresh = actions.slice(this.#actions);
    this.#actions = actions.length;
    const { total } = control.statistics();
    const calls = total === this.#requests ? [] : control.requests(total - this.#requests);
    this.#requests = total;
    const api = calls.filter(({ route }) => route !== 'token' && route !== 'discovery');
    return {
      actions: fresh,
      reads: api.filter(({ method }) => method === 'GET').length,
      writes: api.filter(({ method }) => method !== 'GET').map(({ route, status }) => `${route} (${status ?? 'lost'})`),
      isolated: control
        .machines()
        .filter(({ isolation }) => isolation.isolated)
        .map(({ computerDnsName }) => computerDnsName),
    };
  }
}
