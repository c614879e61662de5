import * as pulumi from '@pulumi/pulumi';
import { expect } from 'chai';
import { providerText } from '../../provider/dynamic/hidden-inputs.ts';
import { FileQuarantine } from '../../provider/dynamic/index.ts';
import { program, settled } from './program.ts';

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const machineId = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
const outputs = {
  sha1,
  machines: { [machineId]: 'quarantined, at=2026-01-05T12:00:08Z' },
  summary: '1 machine: 1 quarantined',
};

describe('FileQuarantine in a TypeScript stack', () => {
  it('says which declaration it is, takes machines as outputs of others, and has what is known as fields', async () => {
    const registered = await program(outputs);
    const dropper = new FileQuarantine('dropper', {
      sha1,
      comment: pulumi.output('INC-1'),
      machineIds: [pulumi.output(machineId)],
    });
    expect(await settled(dropper.machines)).to.deep.equal(outputs.machines);
    expect(await settled(dropper.summary)).to.equal(outputs.summary);
    expect(registered[0]?.type).to.equal('pulumi-nodejs:dynamic/mde:FileQuarantine');
    expect(registered[0]?.inputs).to.deep.include({
      sha1,
      comment: 'INC-1',
      machineIds: [machineId],
      __provider: providerText,
    });
  });

  it('refuses an import', async () => {
    await program(outputs);
    expect(() => new FileQuarantine('dropper', { sha1, comment: 'x', machineIds: [] }, { import: sha1 })).to.throw(
      pulumi.RunError,
      'import with the mde plugin',
    );
  });
});
