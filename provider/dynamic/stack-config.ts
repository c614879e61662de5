import { configKeys } from '../resources/schema-types.ts';
import { readSettings, type Settings } from '../settings-text.ts';
import { mapFromHost } from './values.ts';

/**
 * The provider's configuration out of the stack's, in which every value is text.
 * @param get the stack's value of a key in full (`mde:tenantId`)
 */
export function readStackConfig(get: (key: string) => unknown): Settings {
  const kinds = new Map(Object.entries(configKeys));
  const given = [...kinds.keys()].map((name) => [name, get(`mde:${name}`)] as const);
  return readSettings(mapFromHost(Object.fromEntries(given)), (name) => kinds.get(name));
}
