import { expect } from 'chai';
import { succeeded, tells } from '../outcome.ts';
import { holdsTheProviderLine } from './provider-line.ts';
import { installedStack, makeScene, type Scene, type TypeScriptStack } from './stack.ts';

describe('the packed and installed npm package, on the real engine', () => {
  let scene: Scene;
  let stack: TypeScriptStack;
  const host = 'laptop-8.contoso.com';

  before(async () => {
    scene = await makeScene();
    scene.simulator.control.addMachine({ computerDnsName: host });
    stack = installedStack(scene);
    await stack.init({ deviceName: host, comment: 'INC-4712' });
  });
  after(() => scene.end());

  it('isolates the host of the example', async () => {
    tells(succeeded(await stack.up()), `isolated ${host}`);
    expect(scene.simulator.control.machine(host).isolation.isolated).to.equal(true);
  });

  it('leaves the same line in state as a linked package', () =>
    holdsTheProviderLine(stack, [scene.simulator.credentials.clientSecret]));
});
