import { deepest, mostValues } from './limits.ts';
import type { Origin, Report } from './problem.ts';
import type { PropertyPath } from './property-path.ts';

export interface InlineData {
  /** A copy: maps without a prototype, lists, texts, numbers, booleans; undefined where there is nothing to judge. */
  readonly data: unknown;
  readonly origin: Origin;
}

/** Too deep or too much; it has been reported. */
class Stop extends Error {}

/** Copies data of a program. What is null or undefined in a map counts as not given, as everywhere in Pulumi. */
export function copyInline(given: unknown, report: Report): InlineData {
  let values = 0;
  const copy = (value: unknown, path: PropertyPath): unknown => {
    values += 1;
    if (path.length > deepest || values > mostValues) {
      report(path.slice(0, 2), path.length > deepest ? `is nested more than ${deepest} deep` : 'holds too many values');
      throw new Stop();
    }
    switch (typeof value) {
      case 'string':
      case 'number':
      case 'boolean':
        return value;
      case 'bigint':
        return String(value);
      case 'object':
        if (value === null) return null;
        if (Array.isArray(value)) return Array.from(value, (each, index) => copy(each, [...path, index]));
        return copyMap(value, path);
      default:
        // A function or a symbol: nothing that a property may be.
        return null;
    }
  };
  const copyMap = (map: object, path: PropertyPath): Readonly<Record<string, unknown>> => {
    const data: Record<string, unknown> = Object.create(null);
    for (const [key, value] of Object.entries(map))
      if (value !== undefined && value !== null) data[key] = copy(value, [...path, key]);
    return data;
  };
  let data: unknown;
  try {
    data = copy(given, []);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return { data, origin: new DataOrder(data) };
}

/** The order in which a walk over the data meets its parts. */
class DataOrder implements Origin {
  readonly #data: unknown;
  #orders: ReadonlyMap<unknown, ReadonlyMap<string | number, number>> | undefined;

  constructor(data: unknown) {
    this.#data = data;
  }

  /** What is not there stands where it would be held. */
  orderOf(path: PropertyPath): number {
    this.#orders ??= ordersIn(this.#data);
    let at = this.#data;
    let order = 0;
    for (const part of path) {
      const next = this.#orders.get(at)?.get(part);
      if (next === undefined) break;
      order = next;
      at = (at as Readonly<Record<string | number, unknown>>)[part];
    }
    return order;
  }

  placeOf(): undefined {}

  placeAt(): undefined {}
}

function ordersIn(data: unknown): ReadonlyMap<unknown, ReadonlyMap<string | number, number>> {
  const orders = new Map<unknown, Map<string | number, number>>();
  let met = 0;
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const own = new Map<string | number, number>();
    orders.set(value, own);
    for (const [part, each] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      met += 1;
      own.set(part, met);
      walk(each);
    }
  };
  walk(data);
  return orders;
}
