import {
  docComment,
  type SchemaDocument,
  type SchemaProperty,
  type SchemaResource,
  shortName,
} from './schema-document.ts';

/** A property's type where it is declared: every part of it may be an output of something else. */
export function inputType(property: SchemaProperty): string {
  return typeOf(property, (each) => `pulumi.Input<${inputType(each)}>`);
}

/** A property's type where it is told. */
export function outputType(property: SchemaProperty): string {
  return typeOf(property, outputType);
}

function typeOf(property: SchemaProperty, ofPart: (part: SchemaProperty) => string): string {
  if (property.$ref !== undefined) return shortName(property.$ref);
  switch (property.type) {
    case 'string':
    case 'boolean':
      return property.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const part = ofPart(property.items ?? {});
      return `readonly ${/^[\w.<>]+$/.test(part) ? part : `(${part})`}[]`;
    }
    case 'object':
      return `Readonly<Record<string, ${ofPart(property.additionalProperties ?? {})}>>`;
    default:
      throw new Error(`schema.json: no TypeScript type for ${JSON.stringify(property)}`);
  }
}

/** The members of an interface or class, each with its description. */
export function fields(
  properties: Readonly<Record<string, SchemaProperty>>,
  field: (key: string, property: SchemaProperty) => string,
): string {
  return Object.entries(properties)
    .map(([key, property]) => `${docComment(property.description ?? '', '  ')}  readonly ${field(key, property)};\n`)
    .join('');
}

/** What a resource's class takes, and what it holds. */
export function membersOf(resource: SchemaResource): { readonly inputs: string; readonly outputs: string } {
  return {
    inputs: fields(resource.inputProperties, (key, property) =>
      resource.requiredInputs.includes(key)
        ? `${key}: pulumi.Input<${inputType(property)}>`
        : `${key}?: pulumi.Input<${inputType(property)} | undefined>`,
    ),
    outputs: fields(resource.properties, (key, property) =>
      resource.required.includes(key)
        ? `${key}: pulumi.Output<${outputType(property)}>`
        : `${key}: pulumi.Output<${outputType(property)} | undefined>`,
    ),
  };
}

/**
 * The types of the schema that properties refer to, in order of their names.
 * @param given properties that are declared; objects among them take outputs in every place
 * @param told properties that are told
 * @throws Error where an object is both, since it would need two names
 */
export function declaredTypes(
  schema: SchemaDocument,
  given: readonly SchemaProperty[],
  told: readonly SchemaProperty[],
): readonly string[] {
  const inputs = referencedTypes(schema, given);
  const outputs = referencedTypes(schema, told);
  return [...new Set([...inputs, ...outputs])].sort().map((token) => {
    const type = schema.types[token];
    const name = shortName(token);
    if (type === undefined) throw new Error(`schema.json: there is no type ${token}`);
    if (type.enum !== undefined) {
      const values = type.enum.map(({ value }) => `'${value}'`).join(' | ');
      return `${docComment(type.description)}export type ${name} = ${values};\n`;
    }
    if (inputs.has(token) && outputs.has(token)) throw new Error(`${token} is both declared and told`);
    const isRequired = (key: string) => type.required?.includes(key) === true;
    const members = fields(type.properties ?? {}, (key, property) => {
      if (outputs.has(token))
        return `${key}${isRequired(key) ? ':' : '?:'} ${outputType(property)}${isRequired(key) ? '' : ' | undefined'}`;
      return isRequired(key)
        ? `${key}: pulumi.Input<${inputType(property)}>`
        : `${key}?: pulumi.Input<${inputType(property)} | undefined>`;
    });
    return `${docComment(type.description)}export interface ${name} {\n${members}}\n`;
  });
}

/** Tokens of the types that properties refer to, also by way of other types. */
export function referencedTypes(schema: SchemaDocument, properties: readonly SchemaProperty[]): ReadonlySet<string> {
  const tokens = new Set<string>();
  const add = ({ $ref, items, additionalProperties }: SchemaProperty): void => {
    if (items !== undefined) add(items);
    if (additionalProperties !== undefined) add(additionalProperties);
    const token = $ref?.replace('#/types/', '');
    if (token === undefined || tokens.has(token)) return;
    tokens.add(token);
    for (const property of Object.values(schema.types[token]?.properties ?? {})) add(property);
  };
  properties.forEach(add);
  return tokens;
}
