import type { SettingKind } from '../settings-text.ts';

/** The parts of a Pulumi package schema that the service itself needs. */
export interface PackageSchema {
  readonly name: string;
  readonly config?: { readonly variables?: Readonly<Record<string, SchemaProperty>> } | undefined;
  readonly provider?: { readonly inputProperties?: Readonly<Record<string, SchemaProperty>> } | undefined;
  readonly types?: Readonly<Record<string, SchemaType>> | undefined;
  readonly resources?: Readonly<Record<string, SchemaResource>> | undefined;
}

export interface SchemaProperty {
  readonly type?: SettingKind | undefined;
  readonly $ref?: string | undefined;
  readonly secret?: boolean | undefined;
  readonly items?: SchemaProperty | undefined;
}

interface SchemaType {
  readonly type?: SettingKind | undefined;
  readonly properties?: Readonly<Record<string, SchemaProperty>> | undefined;
  readonly enum?: readonly { readonly value: unknown }[] | undefined;
}

interface SchemaResource {
  readonly inputProperties?: Readonly<Record<string, SchemaProperty>> | undefined;
  readonly properties?: Readonly<Record<string, SchemaProperty>> | undefined;
}

/** The provider's own settings: configuration keys and the inputs of an explicit provider, which are one set. */
export function configurationProperties(schema: PackageSchema): ReadonlyMap<string, SchemaProperty> {
  return new Map(Object.entries({ ...schema.config?.variables, ...schema.provider?.inputProperties }));
}

/** What the property holds; a reference is what it refers to. */
export function kindOfProperty(schema: PackageSchema, property: SchemaProperty): SettingKind {
  if (property.type !== undefined) return property.type;
  const name = /^#\/types\/(.+)$/.exec(property.$ref ?? '')?.[1];
  const type = name === undefined ? undefined : schema.types?.[decodeURIComponent(name)];
  return type?.type ?? 'object';
}

/** Top-level inputs and outputs of a resource that are secret by schema. */
export function secretNames(schema: PackageSchema, token: string): ReadonlySet<string> {
  const resource = schema.resources?.[token];
  return namesOfSecrets([
    ...Object.entries(resource?.inputProperties ?? {}),
    ...Object.entries(resource?.properties ?? {}),
  ]);
}

/** Every name that the schema gives to a property. */
export function propertyNames(schema: PackageSchema): ReadonlySet<string> {
  const resources = Object.values(schema.resources ?? {}).flatMap((each) => [each.inputProperties, each.properties]);
  const types = Object.values(schema.types ?? {}).map((each) => each.properties);
  return new Set([...resources, ...types].flatMap((properties) => Object.keys(properties ?? {})));
}

/** Settings that are secret. The client secret is one also if a schema should ever forget to say so. */
export function secretSettings(schema: PackageSchema): ReadonlySet<string> {
  return new Set([...namesOfSecrets([...configurationProperties(schema)]), 'clientSecret']);
}

function namesOfSecrets(properties: readonly (readonly [string, SchemaProperty])[]): ReadonlySet<string> {
  return new Set(properties.filter(([, property]) => property.secret === true).map(([name]) => name));
}
