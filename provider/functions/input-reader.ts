import { parseRfc3339 } from '../containment/duration.ts';
import type { MachineId } from '../defender/machine.ts';
import { bothMissing, type Judged, judgeDeviceName, judgeMachineId, judgeReleaseAt } from '../manifest/host-rules.ts';
import { nearName } from '../manifest/near-name.ts';
import { shown } from '../manifest/shown.ts';
import type { CheckFailure, PropertyMap } from '../resources/resource.ts';

/** Which machine is meant: by one of the two. */
export type MachineMeant = { readonly machineId: MachineId } | { readonly deviceName: string };

const defaultLimit = 1000;
const largestLimit = 10_000;

/** Reads the inputs of a function by rules, and gathers what is wrong with them. What is wrong is read as absent. */
export class InputReader {
  readonly failures: CheckFailure[] = [];
  readonly #inputs: PropertyMap;

  constructor(functionName: string, inputs: PropertyMap, names: readonly string[]) {
    this.#inputs = inputs;
    for (const [key, value] of Object.entries(inputs)) {
      if (value === undefined || names.includes(key)) continue;
      const near = nearName(key, names);
      const known = names.length === 0 ? '; it takes none' : `; it has ${names.join(', ')}`;
      this.#fail(
        key,
        `${functionName} has no argument ${key}${near === undefined ? known : `; did you mean ${near}?`}`,
      );
    }
  }

  /** Undefined where it is absent, or wrong. */
  value<T>(key: string, rule: (given: unknown) => Judged<T>): T | undefined {
    const given = this.#given(key);
    if (given === undefined) return undefined;
    return this.#judged(key, rule(given));
  }

  /** Undefined where it is absent or empty; items that are wrong are left out. */
  list<T>(key: string, rule: (given: unknown) => Judged<T>): readonly T[] | undefined {
    const given = this.#given(key);
    if (given === undefined) return undefined;
    if (!Array.isArray(given)) {
      this.#fail(key, `must be a list, and "${shown(given)}" is none`);
      return undefined;
    }
    const items = given.flatMap((item, index) => this.#judged(`${key}[${index}]`, rule(item)) ?? []);
    return items.length === 0 ? undefined : [...new Set(items)];
  }

  /** Milliseconds since the epoch. */
  moment(key: string): number | undefined {
    const text = this.value(key, judgeReleaseAt);
    return text === undefined ? undefined : parseRfc3339(text);
  }

  limit(): number {
    return this.value('limit', judgeLimit) ?? defaultLimit;
  }

  /** The machine that the two arguments name between them; undefined where they name none, which is told. */
  machine(): MachineMeant | undefined {
    const meant = this.perhapsMachine();
    if (this.#given('machineId') === undefined && this.#given('deviceName') === undefined)
      this.#fail('machineId', bothMissing);
    return meant;
  }

  /** The same where it may be left out. */
  perhapsMachine(): MachineMeant | undefined {
    if (this.#given('machineId') !== undefined && this.#given('deviceName') !== undefined) {
      this.#fail('deviceName', 'give machineId or deviceName, not both');
      return undefined;
    }
    const machineId = this.value('machineId', judgeMachineId);
    if (machineId !== undefined) return { machineId };
    const deviceName = this.value('deviceName', judgeDeviceName);
    return deviceName === undefined ? undefined : { deviceName };
  }

  #given(key: string): unknown {
    const given = Object.hasOwn(this.#inputs, key) ? this.#inputs[key] : undefined;
    return given === null ? undefined : given;
  }

  #judged<T>(key: string, judged: Judged<T>): T | undefined {
    if ('value' in judged) return judged.value;
    this.#fail(key, judged.problem);
    return undefined;
  }

  #fail(property: string, reason: string): void {
    this.failures.push({ property, reason });
  }
}

function judgeLimit(given: unknown): Judged<number> {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= largestLimit)
    return { value: given };
  return { problem: `"${shown(given)}" is no whole number from 1 to ${largestLimit}` };
}
