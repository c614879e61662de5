import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { type Declared, makeScene, type Scene, WrittenStack } from './stack.ts';

describe('several hosts of a TypeScript stack, on the real engine', () => {
  let scene: Scene;
  let stack: WrittenStack;
  const comment = 'INC-4711';

  const control = () => scene.simulator.control;
  const isIsolated = (host: string) => control().machine(host).isolation.isolated;
  /** Requests since `from`, oldest first: `Isolate pc-1`. */
  const requests = (from = 0) =>
    control()
      .actions()
      .slice(from)
      .map(({ type, computerDnsName }) => `${type} ${computerDnsName?.replace('.contoso.com', '')}`);
  const named = (name: string, more: Readonly<Record<string, unknown>> = {}): Declared => ({
    args: { deviceName: `${name}.contoso.com`, comment, ...more },
  });

  before(async () => {
    scene = await makeScene();
    for (const name of ['pc-1', 'pc-2', 'pc-3', 'pc-4', 'pc-5']) {
      control().addMachine({ computerDnsName: `${name}.contoso.com` });
    }
    control().setMachine('pc-5.contoso.com', { machineTags: ['mde-protected'] });
    stack = WrittenStack.make(scene, 'several');
    await stack.init();
  });
  after(() => scene.end());

  it('semantics 8.5: a refusal fails the preview, with its reason and without a stack', async () => {
    stack.declare({ one: named('pc-1'), dc: named('pc-5') });
    const text = failed(await stack.preview());
    tells(text, 'pc-5.contoso.com', 'mde-protected', 'allowProtected');
    expect(text).not.to.match(/^\s+at .*:\d+:\d+/m);
    expect(requests()).to.deep.equal([]);
  });

  it('semantics 8.5: `up --skip-preview` goes on for the others past a refused and an unknown host', async () => {
    stack.declare({ one: named('pc-1'), two: named('pc-2'), dc: named('pc-5'), ghost: named('pc-0') });
    const text = failed(await stack.up());
    tells(text, 'mde-protected', 'no machine is named pc-0.contoso.com');
    expect(requests().sort()).to.deep.equal(['Isolate pc-1', 'Isolate pc-2']);
    const declared = (await stack.isolations()).map(({ outputs }) => outputs?.deviceName);
    expect(declared.sort()).to.deep.equal(['pc-1.contoso.com', 'pc-2.contoso.com']);
  });

  it('semantics 6.4: another name and another comment send nothing', async () => {
    const before = requests().length;
    stack.declare({ renamed: named('pc-1'), two: named('pc-2', { comment: 'INC-4711, closed by forensics' }) });
    succeeded(await stack.up());
    expect(requests(before)).to.deep.equal([]);
    expect(isIsolated('pc-1.contoso.com')).to.equal(true);
  });

  it('semantics 6.4: a replacement isolates the new machine before it releases the old one', async () => {
    const before = requests().length;
    stack.declare({ renamed: named('pc-3'), two: named('pc-2', { comment: 'INC-4711, closed by forensics' }) });
    succeeded(await stack.up());
    expect(requests(before)).to.deep.equal(['Isolate pc-3', 'Unisolate pc-1']);
  });

  it('semantics 8.1, 8.5: releases beyond the limit are refused together, their hosts stay, no isolation waits', async () => {
    const before = requests().length;
    stack.declare({ four: named('pc-4') });
    const text = failed(await stack.up());
    tells(text, 'NOT RELEASED', 'the guardrails allow 1', 'pulumi config set mde:allowReleases 2-');
    expect(requests(before)).to.deep.equal(['Isolate pc-4']);
    const left = (await stack.isolations()).map(({ outputs }) => outputs?.deviceName);
    expect(left).to.have.members(['pc-2.contoso.com', 'pc-3.contoso.com', 'pc-4.contoso.com']);
    expect(left.every((host) => isIsolated(String(host)))).to.equal(true);
  });
});
