import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { schemaTypes } from '../../schema/generate-types.ts';
import { readSchema, type SchemaProperty } from '../../schema/schema-document.ts';

const schema = readSchema();

/** Every property of the schema with the place where it stands. */
const properties: readonly (readonly [place: string, property: SchemaProperty])[] = [
  ...placed('config', schema.config.variables),
  ...placed('provider', schema.provider.inputProperties),
  ...Object.entries(schema.types).flatMap(([token, type]) => placed(token, type.properties ?? {})),
  ...Object.entries(schema.resources).flatMap(([token, resource]) => [
    ...placed(`${token} inputs`, resource.inputProperties),
    ...placed(`${token} outputs`, resource.properties),
  ]),
];

function placed(where: string, all: Readonly<Record<string, SchemaProperty>>): [string, SchemaProperty][] {
  return Object.entries(all).map(([name, property]) => [`${where}.${name}`, property]);
}

function typeNamed(ref: string) {
  return schema.types[ref.replace('#/types/', '')];
}

describe('schema.json', () => {
  it('names only types that it has', () => {
    const refs = properties.flatMap(([place, { $ref, items }]) =>
      [$ref, items?.$ref].filter((ref) => ref !== undefined).map((ref) => ({ place, ref })),
    );
    expect(refs.length).to.be.greaterThan(5);
    for (const { place, ref } of refs) expect(typeNamed(ref), `${place} → ${ref}`).not.to.equal(undefined);
  });

  it('requires only properties that it has', () => {
    for (const [token, resource] of Object.entries(schema.resources)) {
      for (const name of resource.requiredInputs) expect(resource.inputProperties, token).to.have.property(name);
      for (const name of resource.required) expect(resource.properties, token).to.have.property(name);
    }
    for (const type of Object.values(schema.types)) {
      for (const name of type.required ?? []) expect(type.properties).to.have.property(name);
    }
  });

  it('describes everything in whole sentences', () => {
    for (const [place, { description }] of properties) expect(description, place).to.match(/^[A-Z`].*[.`)]$/s);
    for (const [token, { description }] of [...Object.entries(schema.types), ...Object.entries(schema.resources)]) {
      expect(description, token).to.match(/^[A-Z].*\.$/s);
    }
    for (const [token, type] of Object.entries(schema.types)) {
      for (const each of type.enum ?? []) expect(each.description, `${token} ${each.value}`).to.match(/^[A-Z].*\.$/);
    }
  });

  it('gives defaults of the type that the property has', () => {
    const withDefault = properties.filter(([, property]) => property.default !== undefined);
    expect(withDefault.length).to.be.greaterThan(5);
    for (const [place, property] of withDefault) {
      if (property.$ref !== undefined) {
        expect(
          typeNamed(property.$ref)?.enum?.map(({ value }) => value),
          place,
        ).to.include(property.default);
      } else {
        expect(typeof property.default, place).to.equal(property.type === 'integer' ? 'number' : property.type);
        if (property.type === 'integer') expect(property.default, place).to.satisfy(Number.isInteger);
      }
      expect(property.description, place).to.contain(String(property.default));
    }
  });

  it('takes the same settings from the stack as from an explicit provider', () => {
    expect(schema.provider.inputProperties).to.deep.equal(schema.config.variables);
  });

  it('marks secrets, and never fills one in from the environment, from where it would land in state', () => {
    const secrets = Object.entries(schema.config.variables).filter(([name]) => /secret|password/i.test(name));
    expect(secrets.map(([name]) => name)).to.have.members(['clientSecret', 'clientCertificatePassword']);
    for (const [name, property] of secrets) {
      expect(property.secret, name).to.equal(true);
      expect(property, name).not.to.have.property('defaultInfo');
    }
  });

  it('uses the tokens that states hold', () => {
    expect(schema.name).to.equal('mde');
    expect(schema.resources).to.have.property('mde:index:MachineIsolation');
    for (const token of [...Object.keys(schema.types), ...Object.keys(schema.resources)]) {
      expect(token).to.match(/^mde:index:[A-Z][A-Za-z]+$/);
    }
  });
});

describe('schema-types.ts', () => {
  it('is what schema.json says', () => {
    const written = readFileSync(new URL('../../provider/resources/schema-types.ts', import.meta.url), 'utf8');
    expect(written === schemaTypes(schema), 'stale: run `node schema/generate-types.ts`').to.equal(true);
  });
});
