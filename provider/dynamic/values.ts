import { type PropertyMap, type PropertyValue, unknown } from '../resources/resource.ts';
import { unknownString, unknownStrings } from '../unknown-strings.ts';

/**
 * Values as the dynamic host hands them over, the protocol's strings for unknowns among them; what is no plain data is
 * left out.
 */
export function fromHost(value: unknown): PropertyValue | undefined {
  if (unknownStrings.has(value)) return unknown;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) return value.map((each) => fromHost(each) ?? null);
  if (typeof value === 'object') return mapFromHost(value);
  return undefined;
}

export function mapFromHost(values: object): PropertyMap {
  const entries = Object.entries(values).map(([key, value]) => [key, fromHost(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Values as the dynamic host takes them. It turns them into a protobuf Struct *after* the operation was carried out and
 * throws on `undefined`, which would lose the record of a host that is isolated by then: so nothing but plain data
 * leaves here.
 */
export function toHost(value: PropertyValue): unknown {
  if (value === unknown) return unknownString;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map((each: PropertyValue | undefined) => toHost(each ?? null));
  if (typeof value === 'object' && value !== null) return mapToHost(value as PropertyMap);
  return value;
}

export function mapToHost(values: PropertyMap): Record<string, unknown> {
  const host: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) host[key] = toHost(value);
  }
  return host;
}
