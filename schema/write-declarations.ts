/**
 * Writes the type declarations of the npm package: `node schema/write-declarations.ts FOLDER` puts the same text into
 * index.d.ts and index.d.cts there. One flat file in words that TypeScript 3.8 knows, since that is what Pulumi compiles
 * a stack with that brings no TypeScript of its own: there a declaration that names `./other.ts` silently becomes `any`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  docComment,
  readSchema,
  type SchemaDocument,
  type SchemaProperty,
  type SchemaResource,
  shortName,
  typeScriptType,
} from './schema-document.ts';

/** The text of the declarations. */
export function declarations(schema: SchemaDocument): string {
  const parts = ["import * as pulumi from '@pulumi/pulumi';\n"];
  for (const token of referencedTypes(schema)) {
    const type = schema.types[token];
    if (type === undefined) throw new Error(`write-declarations: there is no type ${token}`);
    if (type.enum === undefined) {
      const values = fields(type.properties ?? {}, (key, given) => `${key}?: pulumi.Input<${given} | undefined>`);
      parts.push(`${docComment(type.description)}export interface ${shortName(token)} {\n${values}}\n`);
      continue;
    }
    const values = type.enum.map(({ value }) => `'${value}'`).join(' | ');
    parts.push(`${docComment(type.description)}export type ${shortName(token)} = ${values};\n`);
  }
  for (const [token, resource] of dynamicResources(schema)) parts.push(...resourceDeclarations(token, resource));
  return parts.join('\n');
}

/** Those that the dynamic provider serves; the plugin serves all. */
const dynamicTokens = ['mde:index:MachineIsolation', 'mde:index:Quarantine'];

function dynamicResources(schema: SchemaDocument): readonly (readonly [string, SchemaResource])[] {
  return Object.entries(schema.resources).filter(([token]) => dynamicTokens.includes(token));
}

function resourceDeclarations(token: string, resource: SchemaResource): string[] {
  const name = shortName(token);
  const inputs = fields(resource.inputProperties, (key, type) =>
    resource.requiredInputs.includes(key)
      ? `${key}: pulumi.Input<${type}>`
      : `${key}?: pulumi.Input<${type} | undefined>`,
  );
  const state = fields(resource.properties, (key, type) =>
    resource.required.includes(key) ? `${key}: ${type}` : `${key}?: ${type} | undefined`,
  );
  const outputs = fields(resource.properties, (key, type) =>
    resource.required.includes(key) ? `${key}: pulumi.Output<${type}>` : `${key}: pulumi.Output<${type} | undefined>`,
  );
  // What stands after the second paragraph is about the plugin.
  const about = resource.description.split('\n\n').slice(0, 2).join('\n\n');
  const constructorField = `${docComment(
    'The usual options apply; `customTimeouts` bounds the waiting. Not `import`: declare `takeOwnership: true` instead, or import with the plugin. Not `deleteBeforeReplace`: it would release before it isolates.',
    '  ',
  )}  constructor(name: string, args: ${name}Args, opts?: pulumi.CustomResourceOptions);\n`;
  return [
    `${docComment(`What is declared of a ${name}.`)}export interface ${name}Args {\n${inputs}}\n`,
    `${docComment(`What state keeps of a ${name}.`)}export interface ${name}State {\n${state}}\n`,
    `${docComment(about)}export declare class ${name} extends pulumi.CustomResource {\n${outputs}${constructorField}}\n`,
  ];
}

function fields(
  properties: Readonly<Record<string, SchemaProperty>>,
  field: (key: string, type: string) => string,
): string {
  return Object.entries(properties)
    .map(
      ([key, property]) =>
        `${docComment(property.description ?? '', '  ')}  readonly ${field(key, typeScriptType(property))};\n`,
    )
    .join('');
}

function referencedTypes(schema: SchemaDocument): string[] {
  const properties = dynamicResources(schema).flatMap(([, resource]) => [
    ...Object.values(resource.inputProperties),
    ...Object.values(resource.properties),
  ]);
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
  return [...tokens].sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2];
  if (folder === undefined) {
    console.error('usage: node schema/write-declarations.ts FOLDER');
    process.exitCode = 1;
  } else {
    mkdirSync(folder, { recursive: true });
    for (const file of ['index.d.ts', 'index.d.cts']) {
      writeFileSync(path.join(folder, file), declarations(readSchema()));
    }
  }
}
