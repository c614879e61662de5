import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import {
  identityRules,
  limitRules,
  optionRules,
  protectedRules,
  textKeys,
} from '../../provider/manifest/declarations.ts';
import { readManifest } from '../../provider/manifest/manifest.ts';
import { knownKeys } from '../../provider/manifest/structure.ts';
import { readSchema } from '../../schema/schema-document.ts';
import { everything, example, machineId } from './texts.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean;
}

const schema = JSON.parse(
  readFileSync(new URL('../../schema/quarantine.schema.json', import.meta.url), 'utf8'),
) as Schema & { readonly $schema: string; readonly $defs: Readonly<Record<string, Schema>> };
const ajv = new Ajv2020({ allErrors: true, strictTypes: true });
const validate = ajv.compile(schema);
const packageSchema = readSchema();

const resolved = (of: Schema): Schema => (of.$ref === undefined ? of : (schema.$defs[of.$ref.slice(8)] ?? {}));

/** Every property of every map, by its name, with what its reference stands for. */
function properties(): readonly (readonly [place: string, name: string, property: Schema])[] {
  return [schema, ...Object.values(schema.$defs)].flatMap((map, index) =>
    Object.entries(map.properties ?? {}).map(([name, of]) => [`${index}.${name}`, name, resolved(of)] as const),
  );
}

/** A validator for what a property may hold. */
function validatorOf(pointer: string) {
  return ajv.compile({ $ref: `quarantine#${pointer}` });
}
ajv.addSchema(schema, 'quarantine');

describe('quarantine.schema.json', () => {
  it('is a schema of JSON Schema 2020-12', () => {
    expect(schema.$schema).to.equal('https://json-schema.org/draft/2020-12/schema');
    expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).to.equal(true);
  });

  it('takes what the reader takes: the example of the documents, and every key at once', async () => {
    for (const text of [example, everything, 'version: 1\nhosts: []\n']) {
      expect(validate(parse(text)), JSON.stringify(validate.errors)).to.equal(true);
      expect((await readManifest(text)).problems).to.deep.equal([]);
    }
  });

  it('describes every property for editors, with an example', () => {
    expect(properties().length).to.be.greaterThan(30);
    for (const [place, name, property] of properties()) {
      expect(property.description, place).to.match(/^[A-Z].*[.\]]$/s);
      if (!['version', 'hosts', 'files'].includes(name))
        expect(property.examples, place).to.have.property('length').above(0);
    }
  });

  it('takes its own examples and defaults', () => {
    for (const each of schema.examples ?? []) expect(validate(each), JSON.stringify(validate.errors)).to.equal(true);
    for (const [name, of] of Object.entries(schema.$defs)) {
      const fits = validatorOf(`/$defs/${name}`);
      for (const each of [...(of.examples ?? []), ...(of.default === undefined ? [] : [of.default])])
        expect(fits(each), `${name} ${JSON.stringify(each)}`).to.equal(true);
      for (const [key, property] of Object.entries(of.properties ?? {})) {
        const holds = validatorOf(`/$defs/${name}/properties/${key}`);
        for (const each of property.examples ?? []) expect(holds(each), `${name}.${key}`).to.equal(true);
      }
    }
  });

  it('knows no keys but its own', () => {
    for (const map of [schema, ...Object.values(schema.$defs)].filter(({ type }) => type === 'object'))
      expect(map.additionalProperties).to.equal(false);
  });

  it('calls everything what MachineIsolation and the configuration call it', () => {
    const inputs = packageSchema.resources['mde:index:MachineIsolation']?.inputProperties ?? {};
    const identity = ['machineId', 'deviceName'];
    // What a resource of its own declares of one host is a flag of the host here.
    const flags = ['restrictCodeExecution'];
    expect(knownKeys.host).to.have.members([...Object.keys(inputs), ...flags]);
    expect(Object.keys(packageSchema.types['mde:index:HostDeclaration']?.properties ?? {})).to.include.members(flags);
    expect(knownKeys.manifest).to.have.members([
      ...Object.keys(inputs).filter((key) => !identity.includes(key)),
      ...flags,
      ...['version', 'guardrails', 'hosts', 'files'],
    ]);
    const file = packageSchema.types['mde:index:FileDeclaration']?.properties ?? {};
    expect(knownKeys.file).to.have.members(Object.keys(file));
    expect(knownKeys.guardrails).to.have.members([
      ...Object.keys(packageSchema.types['mde:index:Guardrails']?.properties ?? {}),
      'allowReleases',
    ]);
    expect(knownKeys.protected).to.have.members(
      Object.keys(packageSchema.types['mde:index:Protected']?.properties ?? {}),
    );
    for (const [key, { $ref, default: usual }] of Object.entries(inputs)) {
      const own = schema.$defs[key];
      expect(own?.default, key).to.equal(usual);
      if ($ref === undefined) continue;
      const values = packageSchema.types[$ref.slice('#/types/'.length)]?.enum?.map(({ value }) => value);
      expect(own?.enum, key).to.deep.equal(values);
    }
  });

  it('has a rule for each key, and each rule a key', () => {
    expect(knownKeys.host).to.have.members([...Object.keys(identityRules), ...Object.keys(optionRules)]);
    expect(knownKeys.guardrails).to.have.members([...Object.keys(limitRules), 'protected']);
    expect(knownKeys.protected).to.have.members(Object.keys(protectedRules));
  });

  it('says text where the reader takes a number as it is written', () => {
    const texts = properties().filter(([, , of]) => of.type === 'string' || resolved(of.items ?? {}).type === 'string');
    expect([...textKeys]).to.have.members([...new Set(texts.map(([, name]) => name))]);
  });

  it('takes whatever the rules take, so that no editor complains of what a run would do', () => {
    const likely = fc.oneof(
      fc.constantFrom(
        ...['Full', 'Succeeded', 'release', 'hold', '96h', '1.5h30m', '169h', '60-ab12cd34', 'dc-*', ' pc '],
      ),
      fc.constantFrom(
        `${machineId(1)}`,
        ` ${machineId(1)} `,
        'ü-1.example',
        '2026-12-01t08:00:00.5z',
        '2026-12-01T08:00:00+01:00',
      ),
      fc.constantFrom(0, 1, 100, 12.5, 1_000_000, 1_000_001, -1, Number.NaN, true, false, null),
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.anything(),
    );
    const rules = [
      ...Object.entries({ ...identityRules, ...optionRules }).map(([key, rule]) => [rule, `/$defs/${key}`] as const),
      ...Object.entries(limitRules).map(([key, rule]) => [rule, `/$defs/guardrails/properties/${key}`] as const),
      ...Object.entries(protectedRules).map(
        ([key, rule]) => [rule, `/$defs/protected/properties/${key}/items`] as const,
      ),
    ];
    let taken = 0;
    for (const [rule, pointer] of rules) {
      const fits = validatorOf(pointer);
      fc.assert(
        fc.property(likely, (value) => {
          if (!('value' in rule(value))) return;
          taken += 1;
          expect(fits(value), `${pointer} ${JSON.stringify(value)}`).to.equal(true);
        }),
        { numRuns: 300 },
      );
    }
    expect(taken).to.be.greaterThan(rules.length * 5);
  });
});
