import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ensureAzurite } from '../../../tools/setup/azurite.mjs';
import type { StateStore } from './state-store.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const account = 'quarantine';
const container = 'pulumi-state';

/** Starts Azurite with one account and one container, on loopback; answers why not, where it is not to be had. */
export async function startObjectStore(): Promise<StateStore | { readonly because: string }> {
  const { program, because } = await ensureAzurite({ root, env: process.env });
  if (program === undefined) return { because };
  const key = randomBytes(64).toString('base64');
  const args = ['--inMemoryPersistence', '--blobHost', '127.0.0.1', '--blobPort', '0'];
  const child = spawn(process.execPath, [program, ...args, '--skipApiVersionCheck', '--disableTelemetry'], {
    env: { PATH: process.env.PATH ?? '', AZURITE_ACCOUNTS: `${account}:${key}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let output = '';
      const take = (text: string) => {
        output += text;
        const [, found] = /successfully listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.setEncoding('utf8').on('data', take);
      child.stderr.setEncoding('utf8').on('data', take);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`Azurite ended with exit code ${code}:\n${output}`)));
    });
    const made = await fetch(
      `http://127.0.0.1:${port}/${account}/${container}?restype=container&${accountSignature(key, 'c')}`,
      { method: 'PUT', headers: { 'x-ms-version': serviceVersion } },
    );
    if (made.status !== 201) throw new Error(`the container could not be made: HTTP ${made.status}`);
    return {
      url: `azblob://${container}?storage_account=${account}&protocol=http&domain=127.0.0.1:${port}&localemu=true`,
      env: { AZURE_STORAGE_ACCOUNT: account, AZURE_STORAGE_KEY: key },
      readingEnv: { AZURE_STORAGE_KEY: '', AZURE_STORAGE_SAS_TOKEN: accountSignature(key, 'rl') },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const serviceVersion = '2020-12-06';

/** A shared access signature of the account, for blobs (Azure Storage, "Create an account SAS"). */
function accountSignature(key: string, permissions: string): string {
  const [services, types, start, ip, protocol] = ['b', 'sco', '', '', 'https,http'];
  const expiry = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
  const fields = [account, permissions, services, types, start, expiry, ip, protocol, serviceVersion, '', ''];
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(fields.join('\n')).digest('base64');
  return new URLSearchParams({
    sv: serviceVersion,
    ss: 'b',
    srt: types ?? '',
    sp: permissions,
    se: expiry,
    spr: protocol ?? '',
    sig: signature,
  }).toString();
}
