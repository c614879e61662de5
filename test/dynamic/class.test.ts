import * as pulumi from '@pulumi/pulumi';
import { expect } from 'chai';
import { providerText } from '../../provider/dynamic/hidden-inputs.ts';
import { MachineIsolation } from '../../provider/dynamic/index.ts';
import { program, settled } from './program.ts';

const outputs = { machineId: 'a', state: 'isolated', owned: true };

class Group extends pulumi.ComponentResource {
  constructor(name: string) {
    super('soc:index:Group', name);
  }
}

describe('MachineIsolation in a TypeScript stack', () => {
  it('leaves one constant line in state as its provider', async () => {
    const registered = await program(outputs);
    await settled(new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }).urn);
    const golden = 'exports.handler = () => require("pulumi-mde/dynamic-provider");';
    expect(registered.map(({ type, inputs }) => [type, inputs.__provider])).to.deep.equal([
      ['pulumi-nodejs:dynamic/mde:MachineIsolation', golden],
    ]);
    expect(providerText).to.equal(golden);
  });

  it('says which declaration it is, and sends nothing else that was not declared', async () => {
    const registered = await program(outputs);
    await settled(new MachineIsolation('pc-7', { deviceName: 'pc-7.contoso.com', comment: 'x' }).urn);
    expect(registered[0]?.inputs).to.deep.equal({
      deviceName: 'pc-7.contoso.com',
      comment: 'x',
      __provider: providerText,
      __declaration: {
        project: 'soc',
        stack: 'dev',
        type: 'mde:index:MachineIsolation',
        name: 'pc-7',
        key: 'urn:pulumi:dev::soc::pulumi-nodejs:dynamic/mde:MachineIsolation::pc-7',
      },
    });
  });

  it('is told apart from one of the same name under another parent', async () => {
    const registered = await program(outputs);
    for (const name of ['red', 'blue']) {
      const parent = new Group(name);
      await settled(new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }, { parent }).urn);
    }
    const types = registered.map(({ inputs }) => inputs.__declaration?.key).filter((key) => key !== undefined);
    expect(types).to.have.length(2);
    expect(types[0]).to.contain('soc:index:Group$pulumi-nodejs:dynamic/mde:MachineIsolation::pc-7');
  });

  it('hands on custom time-outs, which the protocol drops', async () => {
    const registered = await program(outputs);
    const customTimeouts = { create: '1h30m', delete: '1h' };
    await settled(new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }, { customTimeouts }).urn);
    expect(registered[0]?.inputs.__timeouts).to.deep.equal(customTimeouts);
  });

  it('marks a preview with a value that is not known, and nothing else', async () => {
    const registered = await program(outputs, true);
    await settled(new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }).urn);
    const inPreview = registered[0]?.inputs;
    expect(inPreview).to.include.keys('__preview');
    const again = await program(outputs, false);
    await settled(new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }).urn);
    const { __preview, ...others } = inPreview;
    expect(again[0]?.inputs).to.deep.equal(others);
  });

  it('has its outputs as fields at once, and their values later', async () => {
    await program(outputs);
    const isolation = new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' });
    const { state, owned, note } = isolation;
    for (const output of [state, owned, note]) expect(pulumi.Output.isInstance(output)).to.equal(true);
    expect(await settled(state)).to.equal('isolated');
    expect(await settled(owned)).to.equal(true);
    expect(await settled(note)).to.equal(undefined);
  });

  it('refuses an import, and names what to do instead', async () => {
    await program(outputs);
    const declare = () => new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }, { import: 'a' });
    expect(declare).to.throw(pulumi.RunError, 'takeOwnership');
  });

  it('refuses to release before it isolates', async () => {
    await program(outputs);
    const declare = () => new MachineIsolation('pc-7', { machineId: 'a', comment: 'x' }, { deleteBeforeReplace: true });
    expect(declare).to.throw(pulumi.RunError, 'deleteBeforeReplace');
  });
});
