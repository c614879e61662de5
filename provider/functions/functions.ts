import { getIsolatedMachines } from './get-isolated-machines.ts';
import { getIsolation } from './get-isolation.ts';
import { getMachine } from './get-machine.ts';
import { getMachineActions } from './get-machine-actions.ts';
import { getMachines } from './get-machines.ts';
import { type LookupFunction, type LookupPorts, lookupFunction } from './lookup.ts';

/** Every function, by its token. */
export function lookupFunctions(ports: () => LookupPorts): ReadonlyMap<string, LookupFunction> {
  const functions = [
    lookupFunction(getMachine, ports),
    lookupFunction(getMachines, ports),
    lookupFunction(getIsolation, ports),
    lookupFunction(getIsolatedMachines, ports),
    lookupFunction(getMachineActions, ports),
  ];
  return new Map(functions.map((each) => [each.token, each]));
}
