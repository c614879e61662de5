import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isExecutable } from '../../../tools/setup/engine-parts.mjs';
import type { StateStore } from './state-store.ts';

const user = 'pulumi';
const nobody = { uid: 65_534, gid: 65_534 };

/** Starts a PostgreSQL server of the machine's, with a database of its own; answers why not, where it has none. */
export async function startPostgres(): Promise<StateStore | { readonly because: string }> {
  const bin = programFolder();
  if (bin === undefined) return { because: 'this machine has no PostgreSQL server (initdb and postgres)' };
  const password = randomBytes(16).toString('hex');
  const folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-postgres-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  // PostgreSQL refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  if (asRoot) for (const path of [folder, passwordFile]) chownSync(path, nobody.uid, nobody.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const options = {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, LC_ALL: 'C' },
    ...(asRoot ? nobody : {}),
  };
  const setUp = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--no-locale', '--no-sync'];
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, `--username=${user}`, ...setUp], {
    ...options,
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    removeFolder();
    throw new Error(`initdb failed:\n${made.stdout}\n${made.stderr}`);
  }
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...flags], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // At once, without waiting for clients.
      child.kill('SIGQUIT');
      await ended;
    }
    removeFolder();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('ready to accept connections')) resolve();
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`postgres ended with exit code ${code}:\n${output}`)));
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`, env: {}, stop };
}

/** The folder of PostgreSQL's programs: on PATH, or where Debian puts them. */
function programFolder(): string | undefined {
  const usual = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  return [...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...usual].find((folder) =>
    ['initdb', 'postgres'].every((program) => isExecutable(join(folder, program))),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
