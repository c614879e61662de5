import { codeRestriction, stateWord } from '../../containment/pair.ts';
import type { MachineId } from '../../defender/machine.ts';
import { type StateOutputs, stateOf, stateVersion, withRestrictions } from '../machine-isolation/state.ts';
import type { PropertyMap } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import { type KnownHost, lineOfKnown, type SetFacts } from './known-host.ts';

/** What state keeps of a set: a line a host, and what is common to all. */
export class SetOutputs {
  readonly #lines = new Map<string, string>();
  readonly #states = new Map<string, number>();
  readonly #restrictions = new Map<string, number>();
  #coveredUntil: string | undefined;

  /** The host as an operation left it; `outputs` and `restriction` in the shape of a MachineIsolation's. */
  keep(declared: DeclaredHost, outputs: PropertyMap, restriction?: StateOutputs): void {
    const state = stateOf(outputs);
    this.#add(declared.key, state, lineOfKnown(state, declared, restriction), restriction);
  }

  /** The host as it was, or as it was seen since; it may not take the place of another, whose machine bears its name now. */
  keepAsKnown(host: KnownHost, seen: PropertyMap | undefined, restriction: StateOutputs | undefined): void {
    const key = this.#lines.has(host.key) ? host.machineId : host.key;
    const state = seen === undefined ? host.state : stateOf(seen);
    this.#add(key, state, lineOfKnown(state, host.declared, restriction), restriction);
  }

  /** A line that could not be read: nothing that is contained may be forgotten. */
  keepLine(key: string, line: string): void {
    this.#lines.set(key, line);
  }

  has(key: string): boolean {
    return this.#lines.has(key);
  }

  get size(): number {
    return this.#lines.size;
  }

  async toOutputs(before: SetFacts, runtime: Runtime): Promise<PropertyMap> {
    const { tenantId } = await runtime.identity();
    return {
      hosts: Object.fromEntries(this.#lines),
      summary: this.#summary(),
      ...(this.#coveredUntil === undefined ? {} : { coveredUntil: this.#coveredUntil }),
      tenantId: tenantId ?? before.tenantId ?? '',
      cloud: runtime.settings.cloud,
      // A provider that knows nothing of restrictions would forget them.
      stateVersion: this.#restrictions.size > 0 ? withRestrictions : stateVersion,
    };
  }

  #add(key: string, state: StateOutputs, line: string, restriction: StateOutputs | undefined): void {
    this.#lines.set(key, line);
    const name = state.state ?? 'unknown';
    this.#states.set(name, (this.#states.get(name) ?? 0) + 1);
    if (restriction !== undefined) {
      const word = stateWord(codeRestriction, restriction.state ?? 'unknown');
      this.#restrictions.set(word, (this.#restrictions.get(word) ?? 0) + 1);
    }
    const until = state.coveredUntil;
    if (until !== undefined && (this.#coveredUntil === undefined || until < this.#coveredUntil))
      this.#coveredUntil = until;
  }

  /** `1000 hosts: 998 isolated, 2 isolating; 12 restricted`. */
  #summary(): string {
    const hosts = `${this.#lines.size} ${this.#lines.size === 1 ? 'host' : 'hosts'}: ${counted(this.#states) || 'none'}`;
    return this.#restrictions.size === 0 ? hosts : `${hosts}; ${counted(this.#restrictions)}`;
  }
}

/** The most frequent first. */
function counted(states: ReadonlyMap<string, number>): string {
  return [...states]
    .sort(([, a], [, b]) => b - a)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

/** Hosts of state by machine: under whichever name they are declared, they are the same. */
export function byMachine(hosts: readonly KnownHost[]): ReadonlyMap<MachineId, KnownHost> {
  return new Map(hosts.map((host) => [host.machineId, host]));
}
