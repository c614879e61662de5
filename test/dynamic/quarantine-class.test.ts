import * as pulumi from '@pulumi/pulumi';
import { expect } from 'chai';
import { providerText } from '../../provider/dynamic/hidden-inputs.ts';
import { Quarantine } from '../../provider/dynamic/index.ts';
import { program, settled } from './program.ts';

const outputs = { hosts: { 'pc-7.contoso.com': 'isolated, ours | Full: x' }, summary: '1 host: 1 isolated' };

describe('Quarantine in a TypeScript stack', () => {
  it('says which declaration it is, hands the manifest over as it is, and sends nothing else', async () => {
    const registered = await program(outputs);
    const manifest = 'version: 1\ncomment: x\nhosts:\n  - deviceName: pc-7.contoso.com\n';
    await settled(new Quarantine('fleet', { manifest }).urn);
    expect(registered.map(({ type, inputs }) => [type, inputs])).to.deep.equal([
      [
        'pulumi-nodejs:dynamic/mde:Quarantine',
        {
          manifest,
          __provider: providerText,
          __declaration: {
            project: 'soc',
            stack: 'dev',
            type: 'mde:index:Quarantine',
            name: 'fleet',
            key: 'urn:pulumi:dev::soc::pulumi-nodejs:dynamic/mde:Quarantine::fleet',
          },
        },
      ],
    ]);
  });

  it('takes hosts, guardrails and what is in them as outputs of other resources', async () => {
    const registered = await program(outputs);
    const fleet = new Quarantine('fleet', {
      comment: pulumi.output('x'),
      hosts: pulumi.output([{ deviceName: 'pc-7.contoso.com' }]),
      guardrails: { maxReleases: pulumi.output(3), protected: { tags: pulumi.output(['domain-controller']) } },
    });
    await settled(fleet.urn);
    expect(registered[0]?.inputs).to.deep.include({
      comment: 'x',
      hosts: [{ deviceName: 'pc-7.contoso.com' }],
      guardrails: { maxReleases: 3, protected: { tags: ['domain-controller'] } },
    });
  });

  it('hands on custom time-outs, and marks a preview', async () => {
    const registered = await program(outputs, true);
    const customTimeouts = { update: '2h' };
    await settled(new Quarantine('fleet', { hosts: [] }, { customTimeouts }).urn);
    expect(registered[0]?.inputs).to.deep.include({ hosts: [], __timeouts: customTimeouts });
    expect(registered[0]?.inputs).to.include.keys('__preview');
  });

  it('has what is known of its hosts as fields, not what was declared', async () => {
    await program(outputs);
    const fleet = new Quarantine('fleet', { comment: 'x', hosts: [{ deviceName: 'pc-7.contoso.com' }] });
    expect(await settled(fleet.hosts)).to.deep.equal(outputs.hosts);
    expect(await settled(fleet.summary)).to.equal('1 host: 1 isolated');
    expect(await settled(fleet.coveredUntil)).to.equal(undefined);
  });

  it('refuses an import, and to release before it isolates', async () => {
    await program(outputs);
    expect(() => new Quarantine('fleet', { hosts: [] }, { import: 'a' })).to.throw(pulumi.RunError, 'takeOwnership');
    expect(() => new Quarantine('fleet', { hosts: [] }, { deleteBeforeReplace: true })).to.throw(
      pulumi.RunError,
      'deleteBeforeReplace',
    );
  });
});
