import type { CallOptions, Defender, Listing, MachineActionQuery } from '../../provider/defender/api.ts';
import { DefenderError, type DefenderErrorKind } from '../../provider/defender/errors.ts';
import type { Indicator } from '../../provider/defender/indicator.ts';
import type { Machine, MachineId } from '../../provider/defender/machine.ts';
import type { ActionId, MachineAction } from '../../provider/defender/machine-action.ts';
import { fitsActionSearch, newestFirst } from '../../provider/defender/machine-actions.ts';
import { fitsSearch } from '../../provider/defender/machines.ts';
import type { Clock } from '../../provider/defender/ports.ts';
import type { ResponseRequest } from '../../provider/defender/response-actions.ts';

/** One call as it arrived. */
export interface Call {
  readonly name: string;
  /** Monotonic, ms. */
  readonly at: number;
  readonly ids: readonly string[];
  readonly query?: MachineActionQuery;
  /** Of writes. */
  readonly options?: CallOptions | undefined;
}

/** What the service holds, and what it does to each call; a test replaces what it is about. */
export interface Script {
  machines: Machine[];
  actions: MachineAction[];
  indicators: Indicator[];
  complete: boolean;
  /** Called before each call is answered; a throw is the answer. */
  before: (call: Call) => void | Promise<void>;
  /** What a POST leads to. */
  post: (request: ResponseRequest, id: MachineId, comment: string) => MachineAction;
  /** The service's clock is this far ahead of ours; undefined: it has not answered yet. */
  aheadMs: number | undefined;
  /** Lists are told to be this much older than the service's clock. */
  listLagMs: number;
}

export interface ScriptedDefender {
  readonly defender: Defender;
  readonly script: Script;
  readonly calls: readonly Call[];
  /** How often each call was made. */
  count(name: string): number;
}

export function failure(kind: DefenderErrorKind): DefenderError {
  return new DefenderError(`scripted ${kind}`, { kind });
}

/** A Defender in memory, for what the fleet makes of its answers. */
export function createScriptedDefender(clock: Clock): ScriptedDefender {
  const calls: Call[] = [];
  const script: Script = {
    machines: [],
    actions: [],
    indicators: [],
    complete: true,
    before: () => undefined,
    post: () => {
      throw failure('rejected');
    },
    aheadMs: 0,
    listLagMs: 0,
  };
  const serviceNow = () => (script.aheadMs === undefined ? undefined : clock.wall() + script.aheadMs);
  const listing = <T>(items: readonly T[]): Listing<T> => ({
    items,
    complete: script.complete,
    asOf: clock.wall() + (script.aheadMs ?? 0) - script.listLagMs,
  });
  const arrives = async (name: string, ids: readonly string[], more: Partial<Call> = {}) => {
    const call: Call = { name, at: clock.monotonic(), ids, ...more };
    calls.push(call);
    await script.before(call);
  };
  const defender: Defender = {
    async identity() {
      throw failure('sign-in');
    },
    async getMachine(id: MachineId) {
      await arrives('getMachine', [id]);
      return script.machines.find((machine) => machine.id === id);
    },
    async listMachinesById(ids) {
      await arrives('listMachinesById', ids);
      const wanted = new Set(ids);
      return listing(script.machines.filter((machine) => wanted.has(machine.id)));
    },
    async listMachinesByName(name) {
      await arrives('listMachinesByName', [name]);
      return listing(script.machines.filter((machine) => machine.computerDnsName === name));
    },
    async listMachinesByNames(names) {
      await arrives('listMachinesByNames', names);
      const wanted = new Set(names.map((name) => name.toLowerCase()));
      return listing(script.machines.filter(({ computerDnsName = '' }) => wanted.has(computerDnsName.toLowerCase())));
    },
    async listMachines(atMost) {
      await arrives('listMachines', []);
      return script.machines.length > atMost ? undefined : listing(script.machines);
    },
    async searchMachines(search, limit) {
      await arrives('searchMachines', []);
      const fitting = script.machines.filter((machine) => fitsSearch(machine, search));
      return { ...listing(fitting.slice(0, limit + 1)), isTruncated: fitting.length > limit };
    },
    async searchMachineActions(search, limit) {
      await arrives('searchMachineActions', []);
      const fitting = script.actions.filter((action) => fitsActionSearch(action, search)).sort(newestFirst);
      return { ...listing(fitting.slice(0, limit)), isTruncated: fitting.length > limit };
    },
    async listMachineActions(query) {
      await arrives('listMachineActions', query.machineIds ?? [], { query });
      const { createdSince = Number.NEGATIVE_INFINITY } = query;
      const machineIds = query.machineIds === undefined ? undefined : new Set(query.machineIds);
      return listing(
        script.actions.filter(
          (action) =>
            action.createdAt >= createdSince && (machineIds === undefined || machineIds.has(action.machineId)),
        ),
      );
    },
    async listMachineActionsById(ids: readonly ActionId[]) {
      await arrives('listMachineActionsById', ids);
      const wanted = new Set(ids);
      return listing(script.actions.filter((action) => wanted.has(action.id)));
    },
    async request(id, request, comment, options?: CallOptions) {
      if (options?.signal?.aborted) throw failure('aborted');
      await arrives(request.type, [id], { options });
      return script.post(request, id, comment);
    },
    async getPackageUri() {
      throw failure('not-found');
    },
    async cancelMachineAction() {
      throw failure('rejected');
    },
    async listIndicators(values) {
      await arrives('listIndicators', values ?? []);
      return listing(
        script.indicators.filter(({ indicatorValue }) => values === undefined || values.includes(indicatorValue)),
      );
    },
    async putIndicator() {
      throw failure('rejected');
    },
    async deleteIndicator(id) {
      await arrives('deleteIndicator', [id]);
      script.indicators = script.indicators.filter((indicator) => indicator.id !== id);
    },
    serviceNow,
    close: () => undefined,
  };
  return { defender, script, calls, count: (name) => calls.filter((call) => call.name === name).length };
}
