/**
 * Writes the npm package's classes over the plugin, `pulumi-mde/plugin`: every resource, function and the provider of
 * schema.json, as a CommonJS module and its type declarations. They do what Pulumi's own generated SDKs do, in words
 * that TypeScript 3.8 knows.
 */
import {
  docComment,
  type SchemaDocument,
  type SchemaFields,
  type SchemaFunction,
  type SchemaProperty,
  type SchemaResource,
  shortName,
} from './schema-document.ts';
import { declaredTypes, fields, inputType, membersOf, outputType } from './type-declarations.ts';

/** What every class of the module is made with. */
const prelude = `'use strict';
const pulumi = require('@pulumi/pulumi');

function declared(type, name, args, opts, { inputs, required, outputs }) {
  if (opts.id !== undefined || opts.urn !== undefined) return Object.fromEntries(outputs.map((each) => [each, undefined]));
  for (const each of required) {
    if (args === undefined || args[each] === undefined) throw new pulumi.RunError(\`\${type} "\${name}": \${each} is missing\`);
  }
  return {
    ...Object.fromEntries(outputs.map((each) => [each, undefined])),
    ...Object.fromEntries(inputs.map((each) => [each, args[each]])),
  };
}

/** What a function is asked; what it does not know is left out. */
function given(args, names) {
  return Object.fromEntries(names.map((each) => [each, args === undefined ? undefined : args[each]]));
}

/** An explicit provider takes texts alone. */
const text = (value) => (value === undefined ? undefined : pulumi.output(value).apply(JSON.stringify));
const secret = (value) => (value === undefined ? undefined : pulumi.secret(value));
`;

/** The module's text, CommonJS. */
export function pluginModule(schema: SchemaDocument): string {
  return [
    prelude,
    ...Object.entries(schema.resources).map(([token, resource]) => resourceClass(token, resource)),
    ...Object.entries(schema.functions).map(([token, lookup]) => functions(token, lookup)),
    providerClass(schema),
  ].join('\n');
}

function resourceClass(token: string, resource: SchemaResource): string {
  const name = shortName(token);
  const names = {
    inputs: Object.keys(resource.inputProperties),
    required: resource.requiredInputs,
    outputs: Object.keys(resource.properties),
  };
  const secrets = Object.entries(resource.properties).filter(([, { secret }]) => secret === true);
  const options =
    secrets.length === 0
      ? 'opts'
      : `pulumi.mergeOptions({ additionalSecretOutputs: ${JSON.stringify(secrets.map(([key]) => key))} }, opts)`;
  return `class ${name} extends pulumi.CustomResource {
  static get(name, id, opts) {
    return new ${name}(name, undefined, { ...opts, id });
  }
  static isInstance(value) {
    return value !== undefined && value !== null && value.__pulumiType === '${token}';
  }
  constructor(name, args, opts = {}) {
    super('${token}', name, declared('${name}', name, args, opts, ${JSON.stringify(names)}), ${options});
  }
}
exports.${name} = ${name};
`;
}

function functions(token: string, { inputs }: SchemaFunction): string {
  const name = shortName(token);
  const given = `given(args, ${JSON.stringify(Object.keys(inputs.properties))})`;
  return `exports.${name} = (args, opts) => pulumi.runtime.invoke('${token}', ${given}, opts || {});
exports.${name}Output = (args, opts) => pulumi.runtime.invokeOutput('${token}', ${given}, opts || {});
`;
}

function providerClass(schema: SchemaDocument): string {
  const settings = Object.entries(schema.provider.inputProperties).map(([key, property]) => {
    const value = isText(schema, property) ? `args.${key}` : `text(args.${key})`;
    return `      ${key}: ${property.secret === true ? `secret(${value})` : value},\n`;
  });
  return `class Provider extends pulumi.ProviderResource {
  static isInstance(value) {
    return value !== undefined && value !== null && value.__pulumiType === 'pulumi:providers:${schema.name}';
  }
  constructor(name, args = {}, opts = {}) {
    super('${schema.name}', name, {
${settings.join('')}    }, opts);
  }
}
exports.Provider = Provider;
`;
}

function isText(schema: SchemaDocument, property: SchemaProperty): boolean {
  const type = property.$ref === undefined ? property : schema.types[property.$ref.replace('#/types/', '')];
  return type?.type === 'string';
}

/** The text of the module's declarations. */
export function pluginDeclarations(schema: SchemaDocument): string {
  const resources = Object.entries(schema.resources);
  const lookups = Object.entries(schema.functions);
  const given = [
    ...resources.flatMap(([, resource]) => Object.values(resource.inputProperties)),
    ...Object.values(schema.provider.inputProperties),
  ];
  const told = [
    ...resources.flatMap(([, resource]) => Object.values(resource.properties)),
    ...lookups.flatMap(([, { inputs, outputs }]) =>
      [inputs, outputs].flatMap((each) => Object.values(each.properties)),
    ),
  ];
  return [
    "import * as pulumi from '@pulumi/pulumi';\n",
    ...declaredTypes(schema, given, told),
    ...resources.map(([token, resource]) => resourceDeclarations(token, resource)),
    ...lookups.map(([token, lookup]) => functionDeclarations(token, lookup)),
    providerDeclarations(schema),
  ].join('\n');
}

function resourceDeclarations(token: string, resource: SchemaResource): string {
  const name = shortName(token);
  const { inputs, outputs } = membersOf(resource);
  const members = [
    docComment('One that the stack holds already, by its id; reads it and manages nothing.', '  '),
    `  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ${name};\n`,
    docComment('Whether it is of this class, also where the package was loaded twice.', '  '),
    `  static isInstance(value: any): value is ${name};\n`,
    outputs,
    docComment('The usual options apply; `customTimeouts` bounds the waiting, `import` takes what is there.', '  '),
    `  constructor(name: string, args: ${name}Args, opts?: pulumi.CustomResourceOptions);\n`,
  ].join('');
  return (
    `${docComment(`What is declared of a ${name}.`)}export interface ${name}Args {\n${inputs}}\n\n` +
    `${docComment(resource.description)}export declare class ${name} extends pulumi.CustomResource {\n${members}}\n`
  );
}

function functionDeclarations(token: string, { description, inputs, outputs }: SchemaFunction): string {
  const name = shortName(token);
  const base = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const plain = lookupMembers(inputs, outputType, (type) => type);
  const lifted = lookupMembers(inputs, inputType, (type) => `pulumi.Input<${type}>`);
  const result = lookupMembers(outputs, outputType, (type) => type);
  const optional = inputs.required.length === 0 ? '?' : '';
  return (
    `${docComment(`What ${name} is asked.`)}export interface ${base}Args {\n${plain}}\n\n` +
    `${docComment(`What ${name}Output is asked.`)}export interface ${base}OutputArgs {\n${lifted}}\n\n` +
    `${docComment(`What ${name} answers.`)}export interface ${base}Result {\n${result}}\n\n` +
    `${docComment(description)}export declare function ${name}(args${optional}: ${base}Args, opts?: pulumi.InvokeOptions): Promise<${base}Result>;\n\n` +
    `${docComment(description)}export declare function ${name}Output(args${optional}: ${base}OutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<${base}Result>;\n`
  );
}

function lookupMembers(
  { properties, required }: SchemaFields,
  typeOf: (property: SchemaProperty) => string,
  wrap: (type: string) => string,
): string {
  return fields(properties, (key, property) =>
    required.includes(key)
      ? `${key}: ${wrap(typeOf(property))}`
      : `${key}?: ${wrap(`${typeOf(property)} | undefined`)}`,
  );
}

function providerDeclarations(schema: SchemaDocument): string {
  const settings = fields(
    schema.provider.inputProperties,
    (key, property) => `${key}?: pulumi.Input<${inputType(property)} | undefined>`,
  );
  return (
    `${docComment('Settings of an explicit provider; those of the stack are not added to them.')}export interface ProviderArgs {\n${settings}}\n\n` +
    `${docComment('A provider of its own, such as for a second tenant in one stack.')}export declare class Provider extends pulumi.ProviderResource {\n` +
    '  static isInstance(value: any): value is Provider;\n' +
    '  constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions);\n}\n'
  );
}
