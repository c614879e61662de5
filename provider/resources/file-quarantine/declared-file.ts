import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import type { PropertyMap } from '../resource.ts';
import type { WaitFor } from '../schema-types.ts';

/** One machine of a file, as it is declared: by its id or by its name. */
export interface DeclaredMachine {
  /** The id, or the name in lower case. */
  readonly key: string;
  readonly machineId: MachineId | undefined;
  readonly deviceName: string | undefined;
}

/** One file, and the machines on which it is to be quarantined. */
export interface DeclaredFile {
  /** 40 hex digits, lower case. */
  readonly sha1: string;
  readonly comment: string;
  readonly waitFor: WaitFor;
  readonly machines: readonly DeclaredMachine[];
}

/** The file of checked inputs. */
export function declaredFile({ sha1, comment, waitFor, machineIds, deviceNames }: PropertyMap): DeclaredFile {
  return {
    sha1: String(sha1),
    comment: String(comment),
    waitFor: waitFor === 'Submitted' ? 'Submitted' : 'Succeeded',
    machines: [...texts(machineIds).map(byId), ...texts(deviceNames).map(byName)],
  };
}

export function byId(text: string): DeclaredMachine {
  return { key: text, machineId: parseMachineId(text), deviceName: undefined };
}

export function byName(text: string): DeclaredMachine {
  return { key: text.toLowerCase(), machineId: undefined, deviceName: text };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
