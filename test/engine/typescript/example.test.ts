import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { holdsTheProviderLine } from './provider-line.ts';
import { exampleStack, makeScene, type Scene, type TypeScriptStack } from './stack.ts';

describe('examples/typescript, as it is, on the real engine', () => {
  let scene: Scene;
  let stack: TypeScriptStack;
  const host = 'laptop-7.contoso.com';

  const requests = () => scene.simulator.control.actions().map(({ type, requestor }) => `${type} by ${requestor}`);
  const isIsolated = () => scene.simulator.control.machine(host).isolation.isolated;

  before(async () => {
    scene = await makeScene();
    scene.simulator.control.addMachine({ computerDnsName: host });
    stack = exampleStack(scene);
    await stack.init({ deviceName: host, comment: 'INC-4711 ransomware' });
  });
  after(() => scene.end());

  it('preview says what would be done, and sends nothing', async () => {
    tells(succeeded(await stack.preview()), `would isolate ${host}`);
    expect(requests()).to.deep.equal([]);
  });

  it('up isolates the host', async () => {
    const text = succeeded(await stack.up());
    tells(text, `isolated ${host}`, 'for certain until', 'isolated: 1');
    expect(isIsolated()).to.equal(true);
  });

  it('state knows the host, and holds one short line as provider, no code and no credentials', async () => {
    const [isolation] = await stack.isolations();
    expect(isolation?.outputs).to.include({ deviceName: host, state: 'isolated', owned: true });
    await holdsTheProviderLine(stack, [scene.simulator.credentials.clientSecret]);
  });

  it('a second up is empty', async () => {
    succeeded(await stack.up('--expect-no-changes'));
    expect(requests()).to.have.length(1);
  });

  it("a plain preview shows an analyst's release, and fails where no change is expected", async () => {
    scene.simulator.control.unisolate(host, { comment: 'looks clean' });
    scene.simulator.control.advance('5m');
    expect(isIsolated()).to.equal(false);
    const text = failed(await stack.preview('--expect-no-changes'));
    tells(text, 'analyst@contoso.com', `would isolate ${host}`);
    expect(requests()).to.have.length(2);
  });

  it('up repairs it', async () => {
    succeeded(await stack.up());
    expect(isIsolated()).to.equal(true);
    expect(requests()).to.have.length(3);
  });

  it('destroy releases the host', async () => {
    const text = succeeded(await stack.destroy());
    tells(text, `released ${host}`);
    expect(isIsolated()).to.equal(false);
    expect(await stack.isolations()).to.deep.equal([]);
    expect(requests()).to.have.length(4);
  });
});
