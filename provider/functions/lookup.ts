import { describeDefenderError } from '../defender/describe-error.ts';
import { isDefenderError } from '../defender/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { UserError } from '../fleet/user-error.ts';
import type { CheckFailure, OperationLog, PropertyMap } from '../resources/resource.ts';
import { InputReader } from './input-reader.ts';

/** What a lookup is given beside its inputs. */
export interface LookupContext {
  /** Ended by Cancel (Ctrl-C) or when the engine is gone. */
  readonly signal: AbortSignal;
  readonly log: Pick<OperationLog, 'info' | 'warn'>;
}

/** What lookups share with the resources of the process: one view of the tenant. */
export interface LookupPorts {
  readonly fleet: Fleet;
  readonly renewalRestartsLease: boolean;
}

/** A function that programs call, for every adapter. It never writes. A machine's record is at most ten seconds old (semantics 1.8); its actions are read anew. */
export interface LookupFunction {
  /** `mde:index:getMachine`. */
  readonly token: string;
  /** What is wrong with the inputs, judged offline; empty where nothing is. */
  check(inputs: PropertyMap): readonly CheckFailure[];
  /** Answers inputs with which nothing is wrong. Throws UserError. */
  run(context: LookupContext, inputs: PropertyMap): Promise<PropertyMap>;
}

export interface Lookup<Inputs, Outputs> {
  /** `getMachine`. */
  readonly name: string;
  readonly inputNames: readonly string[];
  /** Reads typed inputs; what is wrong is told to the reader. */
  read(reader: InputReader): Inputs;
  answer(inputs: Inputs, ports: LookupPorts, context: LookupContext): Promise<Outputs>;
}

/** @param ports throws a UserError where the provider is not configured */
export function lookupFunction<Inputs, Outputs extends object>(
  lookup: Lookup<Inputs, Outputs>,
  ports: () => LookupPorts,
): LookupFunction {
  const { name } = lookup;
  const read = (inputs: PropertyMap) => {
    const reader = new InputReader(name, inputs, lookup.inputNames);
    return { inputs: lookup.read(reader), failures: reader.failures };
  };
  return {
    token: `mde:index:${name}`,
    check: (inputs) => read(inputs).failures,
    async run(context, given) {
      const { inputs, failures } = read(given);
      const [wrong] = failures;
      if (wrong !== undefined) throw new UserError(`${name}: ${wrong.property}: ${wrong.reason}`);
      try {
        return (await lookup.answer(inputs, ports(), context)) as PropertyMap;
      } catch (error) {
        if (isDefenderError(error)) throw new UserError(`${name}: ${describeDefenderError(error)}`, { cause: error });
        if (error instanceof UserError) throw new UserError(`${name}: ${error.message}`, { cause: error });
        throw error;
      }
    },
  };
}

/** A list that does not hold what it counts says nothing: least of all that something is not there (semantics 1.2). */
export function refuseIncomplete(what: string, { complete }: { readonly complete: boolean }): void {
  if (!complete)
    throw new UserError(`the list of ${what} was not complete: its size disagrees with its count. Run again`);
}
