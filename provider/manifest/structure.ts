import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import schema from '../../schema/quarantine.schema.json' with { type: 'json' };
import { bothMissing } from './host-rules.ts';
import { nearName } from './near-name.ts';
import type { Report } from './problem.ts';
import type { PropertyPath } from './property-path.ts';

/** The keys that each kind of map may have, from the schema. */
export const knownKeys = {
  manifest: Object.keys(schema.properties),
  host: Object.keys(schema.$defs.host.properties),
  file: Object.keys(schema.$defs.file.properties),
  guardrails: Object.keys(schema.$defs.guardrails.properties),
  protected: Object.keys(schema.$defs.protected.properties),
} as const;

type MapKind = keyof typeof knownKeys;

const nameOfMap: Readonly<Record<MapKind, string>> = {
  manifest: 'a manifest',
  host: 'a host',
  file: 'a file',
  guardrails: 'guardrails',
  protected: 'guardrails.protected',
};

const whereOfMap: Readonly<Record<MapKind, string>> = {
  manifest: 'at the top of the manifest',
  host: 'in an entry of hosts',
  file: 'in an entry of files',
  guardrails: 'under guardrails',
  protected: 'under guardrails.protected',
};

/** Patterns that a text of megabytes does not fit, rather than it exhausting the stack. */
const patience: RegExpEngine = Object.assign(
  (pattern: string, flags: string) => {
    const expression = new RegExp(pattern, flags);
    const test = (text: string): boolean => {
      try {
        return expression.test(text);
      } catch {
        return false;
      }
    };
    return { test };
  },
  // What the library would write where it writes code to a file, which is not done here.
  { code: 'patience' },
);

let compiled: Promise<ValidateFunction> | undefined;

/** The schema's validator, made when the first manifest comes: the library is slow to load. */
function validator(): Promise<ValidateFunction> {
  compiled ??= import('ajv/dist/2020.js').then(({ Ajv2020 }) =>
    new Ajv2020({ allErrors: true, code: { regExp: patience } }).compile(schema),
  );
  return compiled;
}

/** Holds data against the schema, and tells what does not fit in words of our own. */
export async function checkStructure(data: unknown, report: Report): Promise<void> {
  const validate = await validator();
  if (validate(data)) return;
  const misspelt = new Set<string>();
  for (const error of validate.errors ?? []) {
    if (error.keyword === 'additionalProperties' && mayName(String(error.params.additionalProperty)))
      misspelt.add(error.instancePath);
  }
  for (const error of validate.errors ?? []) {
    // The two halves of "machineId or deviceName"; the whole is told once, and not where a slip is told already.
    if (error.schemaPath.includes('/anyOf/')) continue;
    if (error.keyword === 'anyOf' && misspelt.has(error.instancePath)) continue;
    tell(error, pathOf(error.instancePath, data), report);
  }
}

/** Whether a key was meant to name the machine. */
function mayName(key: string): boolean {
  return nearName(key, ['machineId', 'deviceName']) !== undefined;
}

function tell(error: ErrorObject, path: PropertyPath, report: Report): void {
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      report([...path, key], () => unknownKey(key, kindAt(path)));
      return;
    }
    case 'required': {
      const key = String(params.missingProperty);
      report([...path, key], missing(key));
      return;
    }
    case 'anyOf':
      report(path, bothMissing);
      return;
    case 'type':
      report(
        path,
        path.length === 0 ? 'must be a map with version: 1 and hosts' : `must be ${kindInWords(params.type)}`,
      );
      return;
    case 'const':
      report(path, `must be ${JSON.stringify(params.allowedValue)}, the only version there is`);
      return;
    case 'enum':
      report(path, `must be one of ${(params.allowedValues as readonly unknown[]).join(', ')}`);
      return;
    case 'minItems':
      report(path, 'names no machine; name some, or take the list out: then it is all hosts of the manifest');
      return;
    case 'minimum':
      report(path, `must be at least ${params.limit}`);
      return;
    case 'maximum':
      report(path, `must be at most ${params.limit}`);
      return;
    default:
      report(path, error.message ?? `does not fit the schema (${error.keyword})`);
  }
}

function kindInWords(type: unknown): string {
  switch (type) {
    case 'object':
      return 'a map';
    case 'array':
      return 'a list';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'text';
  }
}

function missing(key: string): string {
  if (key === 'hosts') return missingHosts;
  if (key === 'version') return 'is missing: write version: 1 at the top';
  return 'is missing';
}

/** Semantics 8.3: an absent list may be a bad merge, and would release everybody. */
export const missingHosts = 'names no hosts; where none is meant to be isolated, write hosts: []';

function unknownKey(key: string, kind: MapKind): string {
  if (key === '<<') return 'YAML merge keys are not read; write the properties out, or make them defaults at the top';
  const near = nearName(key, knownKeys[kind]);
  if (near !== undefined) return `is no property of ${nameOfMap[kind]}; did you mean ${near}?`;
  const elsewhere = (Object.keys(knownKeys) as MapKind[]).find((other) => knownKeys[other].includes(key));
  if (elsewhere !== undefined) return `is no property of ${nameOfMap[kind]}; it stands ${whereOfMap[elsewhere]}`;
  return `is no property of ${nameOfMap[kind]}; it has ${knownKeys[kind].join(', ')}`;
}

function kindAt(path: PropertyPath): MapKind {
  if (path.length === 0) return 'manifest';
  if (path[0] === 'hosts') return 'host';
  if (path[0] === 'files') return 'file';
  return path.length === 1 ? 'guardrails' : 'protected';
}

/** A JSON pointer as a path: steps into lists are numbers. */
function pathOf(pointer: string, data: unknown): PropertyPath {
  let at = data;
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const step = raw.replace(/~1/g, '/').replace(/~0/g, '~');
      const part = Array.isArray(at) ? Number(step) : step;
      at = (at as Readonly<Record<string | number, unknown>> | undefined)?.[part];
      return part;
    });
}
