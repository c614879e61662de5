import { type CheckFailure, type PropertyMap, type PropertyValue, unknown } from '../resources/resource.ts';
import { configurationProperties, kindOfProperty, type PackageSchema } from './package-schema.ts';

/** Keys that the engine keeps among a provider's inputs for itself. */
const engineKeys = new Set(['version', 'pluginDownloadURL', 'pluginChecksums', '__internal']);

export interface Settings {
  readonly settings: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/**
 * Configuration as the provider takes it. `pulumi config` and the language SDKs know only texts, so `true`, `3` and
 * whole objects arrive as text and are read by the schema's types; what already has its type is left as it is. A value
 * is never echoed: configuration is where secrets live.
 */
export function readSettings(schema: PackageSchema, given: PropertyMap): Settings {
  const known = configurationProperties(schema);
  const settings: Record<string, PropertyValue> = {};
  const failures: CheckFailure[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || engineKeys.has(key)) continue;
    const property = known.get(key);
    const kind = property ? kindOfProperty(schema, property) : 'string';
    const read = typeof value === 'string' && kind !== 'string' ? parsers[kind]?.(value) : value;
    if (read === undefined) failures.push({ property: key, reason: `must be ${expected[kind] ?? kind}` });
    else settings[key] = read;
  }
  return { settings, failures };
}

const expected: Readonly<Record<string, string>> = {
  boolean: '"true" or "false"',
  integer: 'a whole number',
  number: 'a number',
  object: 'a JSON object, such as {"name": 1}, or set key by key with `pulumi config set --path`',
  array: 'a JSON list, such as ["a", "b"], or set item by item with `pulumi config set --path`',
};

/** Undefined: not of that kind. */
const parsers: Readonly<Record<string, (text: string) => PropertyValue | undefined>> = {
  boolean: (text) => ({ true: true, false: false })[text.trim()],
  integer: (text) => (/^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : undefined),
  number: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined),
  object: (text) => {
    const parsed = parseJson(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  },
  array: (text) => {
    const parsed = parseJson(text);
    return Array.isArray(parsed) ? parsed : undefined;
  },
};

function parseJson(text: string): PropertyValue | undefined {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) as PropertyValue;
  } catch {
    return undefined;
  }
}

/** Settings that are known now: an unknown in preview is judged when it is known. */
export function knownSettings(settings: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== unknown));
}
