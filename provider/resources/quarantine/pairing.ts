import { parseMachineId } from '../../defender/machine.ts';
import type { DeclaredHost } from './declared-host.ts';
import type { KnownHost } from './known-host.ts';
import { byMachine } from './outputs.ts';

/** Declared hosts beside those of state. */
export interface Pairing {
  /** Declared, and in state: bound to its machine (semantics 6.1). */
  readonly standing: readonly { readonly host: DeclaredHost; readonly known: KnownHost }[];
  readonly added: readonly DeclaredHost[];
  /** In state, and declared no more. */
  readonly removed: readonly KnownHost[];
}

/** A host is the same by its machine id, and by its name where no id contradicts. */
export function pair(declared: ReadonlyMap<string, DeclaredHost>, hosts: readonly KnownHost[]): Pairing {
  const byId = byMachine(hosts);
  // What was declared by its id bears a name all the same; what was declared by that name goes before it.
  const byName = new Map<string, KnownHost>();
  for (const known of hosts) {
    const name = known.state.deviceName?.toLowerCase();
    if (name !== undefined && known.declared.inputs.deviceName === undefined) byName.set(name, known);
  }
  for (const known of hosts) byName.set(known.key, known);
  const standing: { host: DeclaredHost; known: KnownHost }[] = [];
  const added: DeclaredHost[] = [];
  const taken = new Set<KnownHost>();
  for (const host of declared.values()) {
    const machineId = host.inputs.machineId === undefined ? undefined : parseMachineId(host.inputs.machineId);
    const known = machineId === undefined ? byName.get(host.key) : byId.get(machineId);
    if (known === undefined || taken.has(known)) added.push(host);
    else {
      taken.add(known);
      standing.push({ host, known });
    }
  }
  return { standing, added, removed: hosts.filter((known) => !taken.has(known)) };
}
