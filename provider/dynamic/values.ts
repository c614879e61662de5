import { type PropertyMap, type PropertyValue, unknown } from '../resources/resource.ts';

/**
 * The strings that stand for unknown values of each type in Pulumi's protocol (pulumi/pulumi,
 * sdk/go/common/resource/plugin/rpc.go). The dynamic host hands them over as they are.
 */
const unknownSentinels: ReadonlySet<string> = new Set([
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '04da6b54-80e4-46f7-96ec-b56ff0331ba9',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

/** The engine takes any of the sentinels for a value of any type. */
export const unknownSentinel = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export function isUnknownSentinel(value: unknown): boolean {
  return typeof value === 'string' && unknownSentinels.has(value);
}

/** Values as the dynamic host hands them over; what is no plain data is left out. */
export function fromHost(value: unknown): PropertyValue | undefined {
  if (isUnknownSentinel(value)) return unknown;
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
  if (value === unknown) return unknownSentinel;
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
