import { type PropertyMap, unknown } from '../resources/resource.ts';
import { readSettings, type Settings } from '../settings-text.ts';
import { configurationProperties, kindOfProperty, type PackageSchema } from './package-schema.ts';

/** Keys that the engine keeps among a provider's inputs for itself. */
const engineKeys = new Set(['version', 'pluginDownloadURL', 'pluginChecksums', '__internal']);

/** The settings among a provider's inputs, read by the types of the schema. */
export function settingsOf(schema: PackageSchema, inputs: PropertyMap): Settings {
  const known = configurationProperties(schema);
  const given = Object.fromEntries(Object.entries(inputs).filter(([key]) => !engineKeys.has(key)));
  return readSettings(given, (name) => {
    const property = known.get(name);
    return property && kindOfProperty(schema, property);
  });
}

/** Settings that are known now: an unknown in preview is judged when it is known. */
export function knownSettings(settings: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== unknown));
}
