import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDocument } from 'yaml';
import { failed, succeeded, tells } from '../outcome.ts';
import { setsIn } from '../quarantine/fleet.ts';
import { holdsTheProviderLine } from './provider-line.ts';
import { exampleStack, makeScene, type Scene, type TypeScriptStack } from './stack.ts';

describe('examples/typescript-quarantine, as it is, on the real engine', () => {
  let scene: Scene;
  let stack: TypeScriptStack;
  let hosts: readonly string[];

  const control = () => scene.simulator.control;
  const requests = () =>
    control()
      .actions()
      .map(({ type, computerDnsName }) => `${type} ${computerDnsName}`);
  const isolated = () => hosts.filter((host) => control().machine(host).isolation.isolated);
  const set = async () => setsIn(await stack.stateText()).fleet;

  /** The example's manifest, changed. */
  const manifest = (change: (document: ReturnType<typeof parseDocument>) => void): void => {
    const file = join(stack.folder, 'quarantine.yaml');
    const document = parseDocument(readFileSync(file, 'utf8'));
    change(document);
    writeFileSync(file, document.toString());
  };

  before(async () => {
    scene = await makeScene();
    stack = exampleStack(scene, 'typescript-quarantine');
    manifest((document) => {
      const { hosts: declared } = document.toJS() as { hosts: readonly { readonly deviceName: string }[] };
      hosts = declared.map(({ deviceName }) => deviceName);
    });
    for (const computerDnsName of hosts) control().addMachine({ computerDnsName });
    await stack.init();
  });
  after(() => scene.end());

  it('preview lists the hosts to isolate with the reason of each, and sends nothing', async () => {
    const text = succeeded(await stack.preview());
    tells(text, 'isolate 3, unchanged 0 of 3', ...hosts.map((host) => `${host}: it is not isolated`));
    expect(requests()).to.deep.equal([]);
  });

  it('up isolates them all, each as the manifest says, and the next preview is empty', async () => {
    tells(succeeded(await stack.up()), 'isolated: 3 (', '3 hosts are contained, for certain until');
    expect([...requests()].sort()).to.deep.equal(hosts.map((host) => `Isolate ${host}`).sort());
    expect(control().actions({ machine: hosts[1] ?? '' })[0]?.scope).to.equal('Selective');
    expect((await set())?.states).to.deep.equal(Object.fromEntries(hosts.map((host) => [host, 'isolated'])));
    succeeded(await stack.preview('--expect-no-changes'));
  });

  it('state holds one short line as provider, no code and no credentials', () =>
    holdsTheProviderLine(stack, [scene.simulator.credentials.clientSecret], 'quarantines'));

  it('semantics 8.1, 8.5: the removal of two is refused in preview, which names them and prints the override', async () => {
    manifest((document) => {
      document.deleteIn(['hosts', 2]);
      document.deleteIn(['hosts', 1]);
    });
    const text = failed(await stack.preview());
    tells(text, `2 hosts: ${hosts.slice(1).sort().join(', ')}`, 'the guardrails allow 1', 'allowReleases: "2-');
    expect(text).to.not.match(/^\s+at .*:\d+:\d+/m);
    expect(requests()).to.have.length(3);
    const override = /allowReleases: "(2-[0-9a-f]{8})"/.exec(text)?.[1];
    manifest((document) => document.setIn(['guardrails', 'allowReleases'], override));
    tells(succeeded(await stack.preview()), 'release 2, unchanged 1 of 1');
  });

  it('semantics 8.4: with it in the manifest up releases them', async () => {
    tells(succeeded(await stack.up()), 'released: 2 (');
    expect(isolated()).to.deep.equal(hosts.slice(0, 1));
  });

  it('a mistake in the manifest is told with line and column, and releases nobody', async () => {
    const before = readFileSync(join(stack.folder, 'quarantine.yaml'), 'utf8');
    manifest((document) => document.setIn(['hosts', 0], { deviceNam: hosts[0] }));
    tells(
      failed(await stack.up()),
      /manifest: line \d+, column \d+: hosts\[0\]\.deviceNam: .*did you mean deviceName\?/,
    );
    expect(isolated()).to.deep.equal(hosts.slice(0, 1));
    writeFileSync(join(stack.folder, 'quarantine.yaml'), before);
  });

  it('destroy releases what is left', async () => {
    tells(succeeded(await stack.destroy()), 'released: 1 (');
    expect(isolated()).to.deep.equal([]);
    expect(await stack.quarantines()).to.deep.equal([]);
    expect(requests()).to.have.length(6);
  });
});
