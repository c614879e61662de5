import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { succeeded } from '../outcome.ts';
import { makeScene, type Scene, WrittenStack } from './stack.ts';

describe('secrets in a TypeScript stack of the dynamic classes, on the real engine', () => {
  const planted = ['planted-host.contoso.com', 'planted-zero.contoso.com', 'planted-why', 'planted-comment'] as const;
  let scene: Scene;
  let stack: WrittenStack;

  before(async () => {
    scene = await makeScene();
    const [host, zero, why, comment] = planted;
    for (const computerDnsName of [host, zero]) scene.simulator.control.addMachine({ computerDnsName });
    stack = WrittenStack.make(scene, 'secrets');
    await stack.init();
    const manifest = `version: 1\nhosts: [{ deviceName: ${zero}, comment: ${why} }]\n`;
    const program = [
      "import { secret } from '@pulumi/pulumi';",
      "import { MachineIsolation, Quarantine } from 'pulumi-mde';",
      `new MachineIsolation('one', { deviceName: secret('${host}'), comment: secret('${comment}') });`,
      `new Quarantine('set', { manifest: secret(${JSON.stringify(manifest)}), comment: 'INC-1' });`,
    ];
    writeFileSync(join(stack.folder, 'index.ts'), program.join('\n'));
  });
  after(() => scene.end());

  it('are encrypted in state, and a secret manifest hides its hosts there and in diffs', async () => {
    const { stdout } = await stack.up('--diff').then((run) => {
      succeeded(run);
      return run;
    });
    for (const host of planted.slice(0, 2))
      expect(scene.simulator.control.machine(host).isolation.isolated).to.equal(true);
    expect(stdout).to.match(/hosts *: \[secret\]/);
    const state = await stack.stateText();
    expect(state).to.contain('ciphertext');
    const secrets = [...planted, scene.simulator.credentials.clientSecret];
    for (const secret of secrets) expect(state.includes(secret), secret.slice(0, 12)).to.equal(false);
  });
});
