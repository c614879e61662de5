/**
 * Writes the type declarations of the npm package: `node schema/write-declarations.ts FOLDER` puts the same text into
 * index.d.ts and index.d.cts there. One flat file in words that TypeScript 3.8 knows, since that is what Pulumi compiles
 * a stack with that brings no TypeScript of its own: there a declaration that names `./other.ts` silently becomes `any`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { docComment, readSchema, type SchemaDocument, type SchemaResource, shortName } from './schema-document.ts';
import { declaredTypes, fields, membersOf, outputType } from './type-declarations.ts';

/** Those that the dynamic provider serves; the plugin serves all. */
const dynamicTokens = ['mde:index:FileQuarantine', 'mde:index:MachineIsolation', 'mde:index:Quarantine'];

/** The text of the declarations. */
export function declarations(schema: SchemaDocument): string {
  const resources = Object.entries(schema.resources).filter(([token]) => dynamicTokens.includes(token));
  return [
    "import * as pulumi from '@pulumi/pulumi';\n",
    ...declaredTypes(
      schema,
      resources.flatMap(([, resource]) => Object.values(resource.inputProperties)),
      resources.flatMap(([, resource]) => Object.values(resource.properties)),
    ),
    ...resources.flatMap(([token, resource]) => resourceDeclarations(token, resource)),
  ].join('\n');
}

function resourceDeclarations(token: string, resource: SchemaResource): string[] {
  const name = shortName(token);
  const { inputs, outputs } = membersOf(resource);
  const state = fields(resource.properties, (key, property) =>
    resource.required.includes(key)
      ? `${key}: ${outputType(property)}`
      : `${key}?: ${outputType(property)} | undefined`,
  );
  // What stands after the second paragraph is about the plugin.
  const about = resource.description.split('\n\n').slice(0, 2).join('\n\n');
  const refused =
    'takeOwnership' in resource.inputProperties
      ? 'Not `import`: declare `takeOwnership: true` instead, or import with the plugin. Not `deleteBeforeReplace`: it would release before it isolates.'
      : 'Not `import`: import with the plugin.';
  const constructorField = `${docComment(
    `The usual options apply; \`customTimeouts\` bounds the waiting. ${refused}`,
    '  ',
  )}  constructor(name: string, args: ${name}Args, opts?: pulumi.CustomResourceOptions);\n`;
  return [
    `${docComment(`What is declared of a ${name}.`)}export interface ${name}Args {\n${inputs}}\n`,
    `${docComment(`What state keeps of a ${name}.`)}export interface ${name}State {\n${state}}\n`,
    `${docComment(about)}export declare class ${name} extends pulumi.CustomResource {\n${outputs}${constructorField}}\n`,
  ];
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
