import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { type StateOutputs, stateOf } from '../machine-isolation/state.ts';
import type { Runtime } from '../runtime.ts';
import type { AllContained, WantedHost } from './contain-all.ts';
import { type DeclaredHost, notCarriedOut } from './declared-host.ts';
import type { KnownHost } from './known-host.ts';
import type { Pairing } from './pairing.ts';
import type { AllRemoved } from './remove-all.ts';

/** The two pairs of actions that a set carries out, each with claims, counts and looks of its own (semantics 1.9). */
export interface SetRuntimes {
  readonly isolation: Runtime;
  readonly restriction: Runtime;
}

/** What a set has to do about restrictions. Known hosts tell of their restriction as others do of their isolation. */
export interface Restrictions {
  readonly wanted: readonly WantedHost[];
  /** Restrictions that are declared no more: the host goes, or keeps its isolation only. */
  readonly removed: readonly KnownHost[];
}

export function restrictionsOf({ standing, added, removed }: Pairing): Restrictions {
  const wanted: WantedHost[] = [];
  const leaving: KnownHost[] = [];
  for (const { host, known } of standing) {
    const restricted = restrictionIn(known);
    // The host is bound to its machine, whatever its name means by now (semantics 6.1).
    if (host.restricts) wanted.push({ host, known: restricted, boundTo: known.machineId });
    // Goes by what is declared of the host now.
    else if (restricted !== undefined) leaving.push({ ...restricted, declared: { ...host, key: known.key } });
  }
  for (const host of added) if (host.restricts) wanted.push({ host, known: undefined });
  for (const known of removed) leaving.push(...[restrictionIn(known)].filter((each) => each !== undefined));
  return { wanted, removed: leaving };
}

/** A known host, as far as its restriction goes; undefined where it has none. */
export function restrictionIn(known: KnownHost): KnownHost | undefined {
  const { restriction, ...rest } = known;
  return restriction === undefined ? undefined : { ...rest, state: restriction };
}

/** A restriction that state has to hold after a run, and the host that it belongs to. */
interface KeptRestriction {
  readonly machineId: MachineId;
  readonly state: StateOutputs;
  readonly host: DeclaredHost;
}

/** Restrictions that state has to hold after a run. */
export class KeptRestrictions {
  readonly #byMachine = new Map<string, KeptRestriction>();

  constructor({ kept, untouched }: AllContained, { staying }: AllRemoved) {
    for (const { host, outputs } of kept) {
      const state = stateOf(outputs);
      this.#keep(parseMachineId(state.machineId ?? ''), state, host);
    }
    for (const { machineId, state, declared } of untouched) this.#keep(machineId, state, declared);
    for (const { known, outputs } of staying)
      this.#keep(known.machineId, outputs === undefined ? known.state : stateOf(outputs), known.declared);
  }

  /** That of a host that the set keeps; from then on it is told. */
  take(machineId: string | undefined): StateOutputs | undefined {
    const restriction = this.#byMachine.get(machineId ?? '');
    this.#byMachine.delete(machineId ?? '');
    return restriction?.state;
  }

  /**
   * Hosts of whose isolation nothing is to be kept, which are known for their restriction alone. Whatever is declared of
   * their isolation was not carried out, so it is a change for the next run.
   */
  rest(): readonly KnownHost[] {
    return [...this.#byMachine.values()].map(({ machineId, state: restriction, host: declared }) => {
      const { deviceName } = restriction;
      const named = deviceName === undefined ? {} : { deviceName };
      const state: StateOutputs = { machineId, ...named, state: 'released', owned: false };
      return { key: declared.key, machineId, state, restriction, declared: notCarriedOut(declared) };
    });
  }

  #keep(machineId: MachineId | undefined, state: StateOutputs, host: DeclaredHost): void {
    if (machineId !== undefined) this.#byMachine.set(machineId, { machineId, state, host });
  }
}
