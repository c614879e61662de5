import { readFileSync } from 'node:fs';

/** The parts of a Pulumi package schema that this package's own schema.json uses. */
export interface SchemaDocument {
  readonly name: string;
  readonly config: {
    readonly variables: Readonly<Record<string, SchemaProperty>>;
    readonly defaults: readonly string[];
  };
  readonly provider: { readonly inputProperties: Readonly<Record<string, SchemaProperty>> };
  readonly types: Readonly<Record<string, SchemaType>>;
  readonly resources: Readonly<Record<string, SchemaResource>>;
  readonly functions: Readonly<Record<string, SchemaFunction>>;
}

export interface SchemaProperty {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: SchemaProperty;
  readonly additionalProperties?: SchemaProperty;
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly secret?: boolean;
}

export interface SchemaType {
  readonly type: string;
  readonly description: string;
  readonly enum?: readonly { readonly value: string; readonly description: string }[];
  readonly properties?: Readonly<Record<string, SchemaProperty>>;
  readonly required?: readonly string[];
}

export interface SchemaResource {
  readonly description: string;
  readonly inputProperties: Readonly<Record<string, SchemaProperty>>;
  readonly requiredInputs: readonly string[];
  readonly properties: Readonly<Record<string, SchemaProperty>>;
  readonly required: readonly string[];
}

export interface SchemaFunction {
  readonly description: string;
  readonly inputs: SchemaFields;
  readonly outputs: SchemaFields;
}

export interface SchemaFields {
  readonly properties: Readonly<Record<string, SchemaProperty>>;
  readonly required: readonly string[];
}

export function readSchema(): SchemaDocument {
  return JSON.parse(readFileSync(new URL('./schema.json', import.meta.url), 'utf8')) as SchemaDocument;
}

/** The last part of a token or of a reference to one: `MachineIsolation` of `mde:index:MachineIsolation`. */
export function shortName(token: string): string {
  return token.slice(token.lastIndexOf(':') + 1);
}

/** A documentation comment, wrapped so that it fits the line. */
export function docComment(text: string, indent = ''): string {
  const lines = text.split('\n').flatMap((paragraph) => wrap(paragraph, 116 - indent.length));
  if (lines.length === 1 && `${indent}/** ${lines[0]} */`.length <= 120) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1] ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
