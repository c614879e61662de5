/**
 * Writes provider/resources/schema-types.ts from schema.json, so that the schema and the code's types have one source.
 * `node schema/generate-types.ts` writes it; with `--check` it writes nothing and ends with 1 where the file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { docComment, readSchema, type SchemaDocument, type SchemaProperty, shortName } from './schema-document.ts';
import { outputType } from './type-declarations.ts';

const target = new URL('../provider/resources/schema-types.ts', import.meta.url);

/** The text of provider/resources/schema-types.ts. */
export function schemaTypes(schema: SchemaDocument): string {
  const parts = ['// Written by schema/generate-types.ts from schema/schema.json. Change the schema, then run it.\n'];
  for (const [token, type] of Object.entries(schema.types)) {
    const name = shortName(token);
    if (type.enum === undefined) {
      parts.push(interfaceOf(name, type.description, type.properties ?? {}, type.required ?? []));
      continue;
    }
    const values = `${variableName(name)}Values`;
    parts.push(
      docComment(type.description) +
        listOf(
          values,
          type.enum.map((each) => each.value),
        ) +
        `export type ${name} = (typeof ${values})[number];\n`,
    );
  }

  const variables = Object.entries(schema.config.variables);
  const kinds = variables.map(([key, property]) => `  ${key}: ${quote(configKind(schema, property))},\n`);
  const secrets = variables.filter(([, property]) => property.secret === true).map(([key]) => key);
  parts.push(
    interfaceOf('ProviderConfig', "The provider's configuration.", schema.config.variables, []),
    `${docComment("The configuration's keys, and what kind of value each holds.")}export const configKeys: Readonly<Record<keyof ProviderConfig, 'string' | 'boolean' | 'number' | 'object'>> = {\n${kinds.join('')}};\n`,
    docComment('Configuration keys whose values are secret.') + listOf('secretConfigKeys', secrets),
  );

  for (const [token, resource] of Object.entries(schema.resources)) {
    const name = shortName(token);
    parts.push(
      interfaceOf(`${name}Inputs`, `What is declared of a ${name}.`, resource.inputProperties, resource.requiredInputs),
      interfaceOf(`${name}Outputs`, `What state keeps of a ${name}.`, resource.properties, resource.required),
      docComment(`The names of a ${name}'s inputs.`) +
        listOf(`${variableName(name)}InputNames`, Object.keys(resource.inputProperties)),
      docComment(`The names of a ${name}'s outputs.`) +
        listOf(`${variableName(name)}OutputNames`, Object.keys(resource.properties)),
    );
  }

  const kindsOf = Object.entries(schema.resources).map(([token, resource]) => {
    const both = { ...resource.inputProperties, ...resource.properties };
    const kinds = Object.entries(both).flatMap(([key, property]) => {
      const kind = stateKind(schema, property);
      // What is a list where it is declared and a map in state is read with more care.
      const isAlike = [resource.inputProperties[key], resource.properties[key]].every(
        (each) => each === undefined || stateKind(schema, each) === kind,
      );
      return kind === undefined || !isAlike ? [] : [`    ${key}: ${quote(kind)},\n`];
    });
    return `  ${quote(token)}: {\n${kinds.join('')}  },\n`;
  });
  parts.push(
    "export type StateKind = 'string' | 'boolean' | 'number' | 'texts';\n",
    `${docComment('By token, what kind of value state holds of a property; maps are not among them.')}export const stateKinds: Readonly<Record<string, Readonly<Record<string, StateKind>>>> = {\n${kindsOf.join('')}};\n`,
  );

  for (const [token, { inputs, outputs }] of Object.entries(schema.functions)) {
    const name = `${shortName(token).charAt(0).toUpperCase()}${shortName(token).slice(1)}`;
    parts.push(
      interfaceOf(`${name}Inputs`, `What ${shortName(token)} is asked.`, inputs.properties, inputs.required),
      interfaceOf(`${name}Outputs`, `What ${shortName(token)} answers.`, outputs.properties, outputs.required),
      docComment(`The names of what ${shortName(token)} is asked.`) +
        listOf(`${shortName(token)}InputNames`, Object.keys(inputs.properties)),
    );
  }
  return parts.join('\n');
}

function listOf(name: string, values: readonly string[]): string {
  const line = `export const ${name} = [${values.map(quote).join(', ')}] as const;\n`;
  if (line.length <= 121) return line;
  return `export const ${name} = [\n${values.map((value) => `  ${quote(value)},\n`).join('')}] as const;\n`;
}

function interfaceOf(
  name: string,
  description: string,
  properties: Readonly<Record<string, SchemaProperty>>,
  required: readonly string[],
): string {
  if (Object.keys(properties).length === 0)
    return `${docComment(description)}export type ${name} = Readonly<Record<string, never>>;\n`;
  const fields = Object.entries(properties).map(([key, property]) => {
    const type = outputType(property);
    const optional = required.includes(key) ? `: ${type}` : `?: ${type} | undefined`;
    return `${docComment(property.description ?? '', '  ')}  readonly ${key}${optional};\n`;
  });
  return `${docComment(description)}export interface ${name} {\n${fields.join('')}}\n`;
}

function configKind(schema: SchemaDocument, property: SchemaProperty): string {
  if (property.$ref !== undefined) {
    const type = schema.types[property.$ref.replace('#/types/', '')];
    return type?.enum === undefined ? 'object' : type.type;
  }
  return property.type === 'integer' ? 'number' : (property.type ?? 'object');
}

function stateKind(schema: SchemaDocument, property: SchemaProperty): string | undefined {
  const kind = configKind(schema, property);
  if (kind !== 'array') return kind === 'object' ? undefined : kind;
  return property.items !== undefined && configKind(schema, property.items) === 'string' ? 'texts' : undefined;
}

function variableName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function quote(text: string): string {
  return `'${text}'`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = schemaTypes(readSchema());
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    console.error(
      'provider/resources/schema-types.ts is not what schema.json says: run `node schema/generate-types.ts`',
    );
    process.exitCode = 1;
  }
}
