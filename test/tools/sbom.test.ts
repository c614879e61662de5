import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { shippedPackages } from '../../tools/build.ts';
import { type Bom, sbomFile, shippedBom, writeSbom } from '../../tools/sbom.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the software bill of materials', () => {
  const component = (name: string, version: string) => ({
    'bom-ref': `${name}@${version}`,
    name,
    version,
    properties: [
      { name: 'cdx:npm:package:development', value: 'true' },
      { name: 'kept', value: 'x' },
    ],
  });
  const all = {
    serialNumber: 'urn:uuid:of-this-very-run',
    metadata: { timestamp: 'now', component: component('the-folder', '1.0.0') },
    components: [component('b', '2.0.0'), component('a', '1.0.0'), component('b', '1.0.0'), component('lint', '1.0.0')],
    dependencies: [
      { ref: 'the-folder@1.0.0', dependsOn: ['lint@1.0.0', 'b@2.0.0', 'a@1.0.0'] },
      { ref: 'b@2.0.0', dependsOn: [] },
      { ref: 'a@1.0.0', dependsOn: ['b@1.0.0', 'lint@1.0.0'] },
      { ref: 'lint@1.0.0', dependsOn: ['a@1.0.0'] },
    ],
  } satisfies Bom;
  const shipped = [
    { name: 'b', version: '2.0.0' },
    { name: 'a', version: '1.0.0' },
  ];

  it('names what ships, each version by itself, what that depends on, and nothing else', () => {
    const bom = shippedBom(all, shipped, 'pulumi-mde');
    expect(bom.metadata.component.name).to.equal('pulumi-mde');
    expect(bom.components.map((each) => each['bom-ref'])).to.deep.equal(['a@1.0.0', 'b@2.0.0']);
    expect(bom.dependencies).to.deep.equal([
      { ref: 'a@1.0.0', dependsOn: [] },
      { ref: 'b@2.0.0', dependsOn: [] },
      { ref: 'the-folder@1.0.0', dependsOn: ['a@1.0.0', 'b@2.0.0'] },
    ]);
  });

  it('does not call a tool of development what ships', () => {
    expect(shippedBom(all, shipped, 'x').components[0]?.properties).to.deep.equal([{ name: 'kept', value: 'x' }]);
  });

  it('says the same whenever it is made, with a serial number of its content', () => {
    const later = { ...all, serialNumber: 'urn:uuid:another', metadata: { ...all.metadata, timestamp: 'later' } };
    const bom = shippedBom(all, shipped, 'x');
    expect(shippedBom(later, [...shipped].reverse(), 'x')).to.deep.equal(bom);
    expect(bom.metadata).not.to.have.property('timestamp');
    expect(bom.serialNumber).to.match(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(shippedBom(all, shipped.slice(1), 'x').serialNumber).not.to.equal(bom.serialNumber);
  });

  it('cannot be made without a package that ships', () => {
    expect(() => shippedBom(all, [{ name: 'b', version: '3.0.0' }], 'x')).to.throw('b@3.0.0');
  });

  describe('of the repository', function () {
    this.timeout(60_000);
    it('names every package in the bundles once, with its place in the registry, version, licence and digest', async () => {
      const count = await writeSbom(root);
      const bom = JSON.parse(readFileSync(join(root, sbomFile), 'utf8'));
      expect(bom).to.include({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
      expect(bom.metadata.component).to.include({ name: 'pulumi-mde', type: 'library' });
      const shipped = await shippedPackages(root);
      const licenses = new Map(shipped.map(({ name, version, license }) => [`${name}@${version}`, license]));
      expect(bom.components.map((each: { 'bom-ref': string }) => each['bom-ref'])).to.have.members([
        ...licenses.keys(),
      ]);
      expect(bom.components).to.have.length(count);
      for (const each of bom.components) {
        const ref: string = each['bom-ref'];
        expect(each.purl, ref).to.equal(`pkg:npm/${ref.replace(/^@/, '%40')}`);
        expect(each.hashes[0], ref).to.have.property('alg', 'SHA-512');
        expect(each.hashes[0].content, ref).to.match(/^[0-9a-f]{128}$/);
        const [{ license, expression }] = each.licenses;
        expect(license?.id ?? expression, ref).to.equal(licenses.get(ref));
      }
    });
  });
});
