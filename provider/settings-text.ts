import type { CheckFailure, PropertyMap, PropertyValue } from './resources/resource.ts';

/** What a setting holds, by its name; undefined: there is no such setting. */
export type KindOfSetting = (name: string) => SettingKind | undefined;
export type SettingKind = 'string' | 'boolean' | 'integer' | 'number' | 'object' | 'array';

export interface Settings {
  readonly settings: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/**
 * Configuration as the provider takes it. `pulumi config` and the language SDKs know only texts, so `true`, `3` and
 * whole objects arrive as text and are read by what the setting holds; what already has its type is left as it is, and
 * so is a setting that nobody knows, for the provider to name it. A value is never echoed: configuration is where
 * secrets live.
 */
export function readSettings(given: PropertyMap, kindOf: KindOfSetting): Settings {
  const settings: Record<string, PropertyValue> = {};
  const failures: CheckFailure[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const { parse, expected } = readers[kindOf(key) ?? 'string'];
    const read = typeof value === 'string' ? parse(value) : value;
    if (read === undefined) failures.push({ property: key, reason: `must be ${expected}` });
    else settings[key] = read;
  }
  return { settings, failures };
}

/** All that is wrong with settings: what could not be read, and what the provider finds wrong with the others. */
export function settingFailures(
  { settings, failures }: Settings,
  check: (settings: PropertyMap) => readonly CheckFailure[],
): readonly CheckFailure[] {
  const named = new Set(failures.map(({ property }) => property));
  return [...failures, ...check(settings).filter(({ property }) => !named.has(property))];
}

/** Failures as a text of one line each: `mde:cloud: …`. */
export function describeFailures(packageName: string, failures: readonly CheckFailure[]): string {
  return failures.map(({ property, reason }) => `${packageName}:${property}: ${reason}`).join('\n');
}

interface Reader {
  readonly expected: string;
  /** Undefined: not of that kind. */
  readonly parse: (text: string) => PropertyValue | undefined;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

const readers: Readonly<Record<SettingKind, Reader>> = {
  string: { expected: 'a text', parse: (text) => text },
  boolean: { expected: '"true" or "false"', parse: (text) => booleans.get(text.trim()) },
  integer: {
    expected: 'a whole number',
    parse: (text) => (/^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : undefined),
  },
  number: {
    expected: 'a number',
    parse: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined),
  },
  object: {
    expected: 'a JSON object, such as {"name": 1}, or set key by key with `pulumi config set --path`',
    parse: (text) => {
      const parsed = parseJson(text);
      return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
    },
  },
  array: {
    expected: 'a JSON list, such as ["a", "b"], or set item by item with `pulumi config set --path`',
    parse: (text) => {
      const parsed = parseJson(text);
      return Array.isArray(parsed) ? parsed : undefined;
    },
  },
};

function parseJson(text: string): PropertyValue | undefined {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) as PropertyValue;
  } catch {
    return undefined;
  }
}
