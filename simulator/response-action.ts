import { incorrectBody } from './body.ts';
import { ApiError } from './errors.ts';
import type { IsolationType, Machine } from './machine.ts';
import type { MachineActionEntry } from './machine-action.ts';
import type { OneOf } from './permissions.ts';
import type { SwitchSettings } from './switches.ts';

/** A body parameter; names are case-sensitive. */
export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly values?: readonly string[];
  /** What a value must look like, and the code of the 400 for one that does not. */
  readonly format?: { readonly pattern: RegExp; readonly code: string };
}

export type Parameters = Readonly<Record<string, string>>;

/** What carrying an action out can do beyond the machine itself. */
export interface Effects {
  readonly settings: SwitchSettings;
  /** Ms since 1970. */
  readonly now: number;
  isolate(entry: MachineActionEntry, type: IsolationType): void;
  release(): void;
}

/** Whether a machine begins an action now, or it waits for something other than its turn. */
export type Readiness = 'ready' | 'waits-for-release' | 'hangs';

/**
 * A response action. Everything that tells one from another is here, so a new one is one row: permissions, parameters,
 * which machines can, how long it takes, what it does.
 */
export interface ResponseAction {
  /** `type` of the machine action. */
  readonly type: string;
  /** The last segment of `POST machines/{id}/…`. */
  readonly path: string;
  /** A token needs one app role of every group. */
  readonly roles: readonly OneOf[];
  /** A token of a person needs one delegated permission of every group. */
  readonly scopes: readonly OneOf[];
  readonly parameters: readonly Parameter[];
  readonly latencySeconds: number;
  /** `scope` of the record once it is told. */
  scope(parameters: Parameters): string | null;
  /** SHA-1 of the file that the record names; null: none. */
  file(parameters: Parameters): string | null;
  /** Fills in what the request may leave out, and throws the ApiError by which this machine is refused. */
  accept(machine: Machine, parameters: Parameters, settings: SwitchSettings): Parameters;
  /** Requests of this action and one key are duplicates of each other while one of them runs. */
  conflictKey(parameters: Parameters, settings: SwitchSettings): string;
  /** How a duplicate is answered. */
  duplicates(settings: SwitchSettings): SwitchSettings['duplicateRequest'];
  readiness(machine: Machine, settings: SwitchSettings): Readiness;
  /** Does it; the answer is the final status. */
  carryOut(machine: Machine, entry: MachineActionEntry, effects: Effects): 'Succeeded' | 'Failed';
}

/** The parameters of a request, or the ApiError by which they are refused. `comment` is not `Comment`. */
export function acceptedParameters(kind: ResponseAction, given: Readonly<Record<string, unknown>>): Parameters {
  const accepted: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const parameter = kind.parameters.find((one) => one.name === name);
    if (parameter === undefined || (value !== null && typeof value !== 'string')) throw incorrectBody();
    if (value === null) continue;
    if (parameter.values?.includes(value) === false) throw new ApiError(400, 'InvalidInput', `Invalid input: ${name}`);
    accepted[name] = value;
  }
  for (const { name, required, format } of kind.parameters) {
    const value = accepted[name] ?? '';
    if (required && value.trim() === '') {
      throw new ApiError(400, 'MissingRequiredParameter', `Required parameter ${name} is missing`);
    }
    if (format !== undefined && !format.pattern.test(value)) {
      throw new ApiError(400, format.code, `${name} is invalid`);
    }
  }
  return accepted;
}
