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

/**
 * A host is the same by its machine id, and by its name where no id contradicts. The surest goes first, wherever it stands:
 * ids, then the names by which hosts were declared, then those that hosts bear which were declared by their ids.
 */
export function pair(declared: ReadonlyMap<string, DeclaredHost>, hosts: readonly KnownHost[]): Pairing {
  const found = new Map<DeclaredHost, KnownHost>();
  const taken = new Set<KnownHost>();
  const match = (host: DeclaredHost, known: KnownHost | undefined) => {
    if (known === undefined || taken.has(known) || found.has(host)) return;
    taken.add(known);
    found.set(host, known);
  };
  const byId = byMachine(hosts);
  const byKey = new Map(hosts.map((known) => [known.key, known]));
  const byName = new Map<string, KnownHost>();
  for (const known of hosts) {
    const name = known.state.deviceName?.toLowerCase();
    if (name !== undefined && known.declared.inputs.deviceName === undefined) byName.set(name, known);
  }
  const named: DeclaredHost[] = [];
  for (const host of declared.values()) {
    const { machineId } = host.inputs;
    const id = machineId === undefined ? undefined : parseMachineId(machineId);
    if (id === undefined) named.push(host);
    else match(host, byId.get(id));
  }
  for (const host of named) match(host, byKey.get(host.key));
  for (const host of named) match(host, byName.get(host.key));
  const standing: { host: DeclaredHost; known: KnownHost }[] = [];
  const added: DeclaredHost[] = [];
  for (const host of declared.values()) {
    const known = found.get(host);
    if (known === undefined) added.push(host);
    else standing.push({ host, known });
  }
  return { standing, added, removed: hosts.filter((known) => !taken.has(known)) };
}
