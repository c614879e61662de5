import { type PropertyMap, type PropertyValue, UserError } from '../resources/resource.ts';
import { configKeys } from '../resources/schema-types.ts';

/**
 * The provider's configuration out of the stack's, in which every value is text: objects are JSON, numbers and booleans
 * as typed. Text that is neither is passed on as it is, for the provider's own check to name what would be right.
 * @param get the stack's value of a key in full (`mde:tenantId`)
 * @throws UserError where an object is not JSON; the text itself is not repeated, since it may be anything.
 */
export function readStackConfig(get: (key: string) => unknown): PropertyMap {
  const config: Record<string, PropertyValue> = {};
  for (const [name, kind] of Object.entries(configKeys)) {
    const value = get(`mde:${name}`);
    if (value === undefined || value === null) continue;
    config[name] = typeof value === 'string' ? parse(name, kind, value) : (value as PropertyValue);
  }
  return config;
}

function parse(name: string, kind: (typeof configKeys)[keyof typeof configKeys], text: string): PropertyValue {
  switch (kind) {
    case 'string':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'object':
      return parseObject(name, text);
  }
}

function parseObject(name: string, text: string): PropertyValue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(
      `mde:${name} must be an object, not a plain value; set its parts with \`pulumi config set --path mde:${name}.PART VALUE\``,
    );
  }
  return value as PropertyMap;
}
