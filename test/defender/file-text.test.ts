import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFileText } from '../../provider/defender/file-text.ts';

const mostBytes = 1_000_000;

describe('a file that a person names', function () {
  if (process.platform === 'win32') this.pending = true;
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'file-text-'));
    writeFileSync(join(folder, 'text'), '\ufeffzwölf\n');
    symlinkSync(join(folder, 'text'), join(folder, 'link'));
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'large'), '');
    truncateSync(join(folder, 'large'), 50_000_000);
    execFileSync('mkfifo', [join(folder, 'pipe'), join(folder, 'endless')]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is read as it stands, through links too', async () => {
    for (const name of ['text', 'link', './folder/../text'])
      expect(await readFileText(join(folder, name), { mostBytes })).to.equal('\ufeffzwölf\n');
    expect(await readFileText('/proc/self/status', { mostBytes })).to.contain('Pid:');
  });

  const refused: readonly (readonly [string, () => string, string])[] = [
    ['a file that is too large', () => join(folder, 'large'), 'EFBIG'],
    ['a folder', () => join(folder, 'folder'), 'EISDIR'],
    ['a device that never ends', () => '/dev/zero', 'ENOTFILE'],
    ['a device that is empty', () => '/dev/null', 'ENOTFILE'],
    ['a pipe that nobody writes to', () => join(folder, 'pipe'), 'ENOTFILE'],
    ['nothing', () => join(folder, 'nothing'), 'ENOENT'],
    ['a name with a zero in it', () => `${join(folder, 'text')}\u0000.yaml`, 'ERR_INVALID_ARG_VALUE'],
  ];
  for (const [what, path, code] of refused)
    it(`is refused at once where it is ${what}`, async () => {
      expect(await codeOf(readFileText(path(), { mostBytes }))).to.equal(code);
    });

  it('may be a pipe where that makes sense: one without a writer is empty, one with a writer is read to its end', async () => {
    expect(await readFileText(join(folder, 'pipe'), { mostBytes, pipes: true })).to.equal('');
    const text = 'x'.repeat(300_000);
    // It opens the pipe for reading too: so it waits for no reader, and none that goes away ends it.
    const script = `exec 3<> "$1"; printf %s "$(head -c 300000 /dev/zero | tr '\\0' x)" >&3`;
    const writer = spawn('sh', ['-c', script, 'sh', join(folder, 'pipe')]);
    let read = '';
    // Until the writer has opened its end there is none.
    while (read === '' && writer.exitCode === null && writer.signalCode === null)
      read = await readFileText(join(folder, 'pipe'), { mostBytes, pipes: true });
    expect(read.length).to.equal(text.length);
  });

  it('fills no memory and holds up nobody where it is a pipe without an end, or one through which nothing comes', async () => {
    const endless = spawn('sh', ['-c', 'exec cat /dev/zero > "$1"', 'sh', join(folder, 'endless')], {
      stdio: 'ignore',
    });
    const silent = spawn('sh', ['-c', 'exec sleep 60 > "$1"', 'sh', join(folder, 'pipe')], { stdio: 'ignore' });
    try {
      expect(await codeOfNonEmpty(join(folder, 'endless'))).to.equal('EFBIG');
      expect(await codeOfNonEmpty(join(folder, 'pipe'))).to.equal('ETIMEDOUT');
    } finally {
      endless.kill('SIGKILL');
      silent.kill('SIGKILL');
    }
  });

  /** Once its writer is there. */
  async function codeOfNonEmpty(path: string): Promise<unknown> {
    for (;;) {
      const code = await codeOf(readFileText(path, { mostBytes, pipes: true, patienceMs: 100 }));
      if (code !== undefined) return code;
    }
  }
});

async function codeOf(reading: Promise<string>): Promise<unknown> {
  try {
    await reading;
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
