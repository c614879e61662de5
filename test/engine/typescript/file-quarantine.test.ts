import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { succeeded, tells } from '../outcome.ts';
import { makeScene, type Scene, WrittenStack } from './stack.ts';

describe('FileQuarantine of a TypeScript stack, on the real engine', () => {
  const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
  let scene: Scene;
  let stack: WrittenStack;

  const declare = (...deviceNames: readonly string[]) => {
    const args = JSON.stringify({ sha1, deviceNames, comment: 'INC-4711' });
    writeFileSync(
      join(stack.folder, 'index.ts'),
      `import { FileQuarantine } from 'pulumi-mde';\nexport const { summary } = new FileQuarantine('dropper', ${args});\n`,
    );
  };
  const quarantined = () => scene.simulator.control.machines().map((machine) => machine.quarantinedFiles);

  before(async () => {
    scene = await makeScene();
    for (const computerDnsName of ['pc-1.contoso.com', 'pc-2.contoso.com'])
      scene.simulator.control.addMachine({ computerDnsName });
    stack = WrittenStack.make(scene, 'files');
    await stack.init();
  });
  after(() => scene.end());

  it('asks each machine once, asks one that joins, and changes no host when it is destroyed', async () => {
    declare('pc-1.contoso.com');
    tells(succeeded(await stack.preview()), 'quarantine (1)', 'pc-1.contoso.com');
    expect(quarantined()).to.deep.equal([[], []]);
    tells(succeeded(await stack.up()), '1 machine: 1 quarantined');
    succeeded(await stack.preview('--expect-no-changes'));
    declare('pc-1.contoso.com', 'pc-2.contoso.com');
    tells(succeeded(await stack.up()), '2 machines: 2 quarantined');
    expect(quarantined()).to.deep.equal([[sha1], [sha1]]);
    tells(succeeded(await stack.destroy()), 'MpCmdRun.exe -Restore');
    expect(scene.simulator.control.actions()).to.have.length(2);
  });
});
