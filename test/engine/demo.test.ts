import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the demo', () => {
  it("runs from its first chapter to its last, and the simulator's record agrees", async () => {
    const demo = spawn(process.execPath, ['demo/main.ts'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [demo.stdout, demo.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
    const code = await new Promise((resolve, reject) => demo.once('error', reject).once('close', resolve));
    expect(code, text).to.equal(0);
    expect(text).to.contain('8. Who did what').and.to.contain('The record agrees with all of it');
  });
});
