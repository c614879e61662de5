/**
 * Writes docs/reference/ from schema.json and examples/reference/: `node schema/write-reference.ts`. A test holds what
 * is committed against it, and others run every example.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  readSchema,
  type SchemaDocument,
  type SchemaFields,
  type SchemaProperty,
  type SchemaType,
  shortName,
} from './schema-document.ts';
import { referencedTypes } from './type-declarations.ts';

const target = new URL('../docs/reference/', import.meta.url);
const examples = new URL('../examples/reference/', import.meta.url);

/** Every page, by file name. */
export function referencePages(schema: SchemaDocument): ReadonlyMap<string, string> {
  const pages = new Map([['README.md', indexPage(schema)]]);
  for (const [token, { description, inputProperties, requiredInputs, properties, required }] of Object.entries(
    schema.resources,
  )) {
    const sections = [
      propertyList('Inputs', { properties: inputProperties, required: requiredInputs }),
      propertyList('Outputs', { properties, required }, 'always'),
      typeSections(schema, [...Object.values(inputProperties), ...Object.values(properties)]),
    ];
    pages.set(`${shortName(token)}.md`, page(token, 'Resource', description, sections));
  }
  for (const [token, { description, inputs, outputs }] of Object.entries(schema.functions)) {
    const sections = [
      propertyList('What it is asked', inputs),
      propertyList('What it answers', outputs, 'always'),
      typeSections(schema, [...Object.values(inputs.properties), ...Object.values(outputs.properties)]),
    ];
    pages.set(`${shortName(token)}.md`, page(token, 'Function', description, sections));
  }
  return pages;
}

const written = '<!-- Written by schema/write-reference.ts from schema/schema.json and examples/reference/. -->';

function indexPage(schema: SchemaDocument): string {
  const entry = ([token, { description }]: readonly [string, { readonly description: string }]) =>
    `- [${shortName(token)}](${shortName(token)}.md): ${lowered(firstSentence(description))}`;
  return text([
    written,
    '# Reference',
    'Every resource, function and setting, with examples for YAML and for TypeScript over the plugin (`pulumi-mde/plugin`). Other languages: [languages.md](../languages.md).',
    '## Resources',
    Object.entries(schema.resources).map(entry).join('\n'),
    '## Functions',
    Object.entries(schema.functions).map(entry).join('\n'),
    '## Settings of the provider',
    'In the stack as `pulumi config set mde:NAME VALUE` (secrets with `--secret`), on an explicit provider as its properties.',
    listOf({ properties: schema.config.variables, required: [] }),
    typeSections(schema, Object.values(schema.config.variables)),
  ]);
}

function page(token: string, kind: string, description: string, sections: readonly string[]): string {
  const name = shortName(token);
  const fenced = (language: string, path: string) =>
    `\`\`\`${language}\n${readFileSync(new URL(path, examples), 'utf8').trimEnd()}\n\`\`\``;
  return text([
    written,
    `# ${name}`,
    `${kind} \`${token}\``,
    description,
    '## Example',
    fenced('yaml', `yaml/${name}.yaml`),
    fenced('typescript', `typescript/${name}.ts`),
    ...sections,
  ]);
}

function propertyList(title: string, of: SchemaFields, word = 'required'): string {
  return `## ${title}\n\n${Object.keys(of.properties).length === 0 ? 'Nothing.' : listOf(of, word)}`;
}

/** Required ones first, which `word` says of them; else in the order of the schema. */
function listOf({ properties, required }: SchemaFields, word = 'required'): string {
  const isRequired = (name: string) => required.includes(name);
  const names = Object.keys(properties);
  return [...names.filter(isRequired), ...names.filter((name) => !isRequired(name))]
    .map((name) => {
      const property = properties[name] ?? {};
      const facts = [shownType(property), isRequired(name) ? word : '', property.secret === true ? 'secret' : ''];
      return `- \`${name}\` (${facts.filter((fact) => fact !== '').join(', ')}): ${property.description}`;
    })
    .join('\n');
}

function shownType({ type, $ref, items, additionalProperties }: SchemaProperty): string {
  if ($ref !== undefined) return `[${shortName($ref)}](#${shortName($ref).toLowerCase()})`;
  if (type === 'array') return `list of ${shownType(items ?? {})}`;
  if (type === 'object') return `map to ${shownType(additionalProperties ?? {})}`;
  return type === 'integer' ? 'whole number' : String(type);
}

function typeSections(schema: SchemaDocument, properties: readonly SchemaProperty[]): string {
  return [...referencedTypes(schema, properties)]
    .sort()
    .flatMap((token) => {
      const type = schema.types[token];
      return type === undefined ? [] : [typeSection(token, type)];
    })
    .join('\n\n');
}

function typeSection(token: string, type: SchemaType): string {
  const members =
    type.enum === undefined
      ? listOf({ properties: type.properties ?? {}, required: type.required ?? [] })
      : type.enum.map(({ value, description }) => `- \`${value}\`: ${description}`).join('\n');
  return `### ${shortName(token)}\n\n${type.description}\n\n${members}`;
}

function firstSentence(description: string): string {
  return /^[^\n]*?\.(?=\s|$)/.exec(description)?.[0] ?? description;
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function text(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [file, content] of referencePages(readSchema())) writeFileSync(new URL(file, target), content);
}
