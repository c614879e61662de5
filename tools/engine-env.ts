import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { engineBin } from './engine-bin.ts';
import { isEngine } from './setup/engine-parts.mjs';

/** How one command of the engine ended. */
export interface EngineRun {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface EngineRunOptions {
  /** The stack's folder. */
  readonly cwd: string;
  /** Added to the environment for this command. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sends SIGINT when it aborts, as Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the command is killed; default 5 min. */
  readonly timeoutMs?: number;
  /** Sees the output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Sees the command's process id, once it runs. */
  readonly onStart?: (pid: number) => void;
}

/**
 * One isolated use of the engine: its own home, state, passphrase and sign-in, in a temporary folder. Nothing of the
 * user's Pulumi or Azure settings is read or written.
 */
export interface EngineEnv {
  /** The temporary folder; stacks may be put into it. */
  readonly folder: string;
  readonly pulumi: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs `pulumi` to its end. Never throws because of an exit code. */
  run(args: readonly string[], options: EngineRunOptions): Promise<EngineRun>;
  /** Removes the folder. */
  remove(): void;
  [Symbol.dispose](): void;
}

/** @param extra variables to add, such as NODE_EXTRA_CA_CERTS for the simulator's certificate */
export function makeEngineEnv(extra: Readonly<Record<string, string>> = {}): EngineEnv {
  const bin = engineBin();
  const folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-engine-'));
  const state = join(folder, 'state');
  mkdirSync(state);
  const env: Record<string, string> = {
    ...withoutUsersSettings(process.env),
    PATH: [bin, process.env.PATH].join(delimiter),
    PULUMI_HOME: join(folder, 'home'),
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString('hex'),
    PULUMI_SKIP_UPDATE_CHECK: '1',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: '1',
    PULUMI_DISABLE_REGISTRY_RESOLVE: '1',
    // The Azure CLI's sign-in of the user must not become the credential of a test.
    AZURE_CONFIG_DIR: join(folder, 'azure'),
    ...extra,
  };
  // Where every part lies beside the engine, plugins on PATH can only be strays of the user's.
  if (isEngine(dirname(realpathSync(join(bin, 'pulumi'))))) env.PULUMI_IGNORE_AMBIENT_PLUGINS = '1';
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const removeAtExit = () => remove();
  process.once('exit', removeAtExit);
  const end = () => {
    process.removeListener('exit', removeAtExit);
    remove();
  };
  const pulumi = join(bin, 'pulumi');
  return {
    folder,
    pulumi,
    env,
    run: (args, options) => run(pulumi, args, env, options),
    remove: end,
    [Symbol.dispose]: end,
  };
}

/** Prefixes and names of variables that would let the user's own sign-in, proxy or engine settings in. */
const settingPrefixes = ['PULUMI_', 'AZURE_', 'ARM_', 'MSI_', 'IDENTITY_', 'IMDS_', 'AAD_'];
const settingNames = new Set([
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'NODE_OPTIONS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
]);

export function withoutUsersSettings(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const upper = name.toUpperCase();
    if (value === undefined || settingNames.has(upper)) continue;
    if (settingPrefixes.some((prefix) => upper.startsWith(prefix))) continue;
    kept[name] = value;
  }
  return kept;
}

const defaultTimeoutMs = 5 * 60_000;

function run(
  pulumi: string,
  args: readonly string[],
  env: Record<string, string>,
  options: EngineRunOptions,
): Promise<EngineRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(pulumi, args, {
      cwd: options.cwd,
      env: { ...env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    const interrupt = () => child.kill('SIGINT');
    if (options.signal?.aborted === true) interrupt();
    options.signal?.addEventListener('abort', interrupt, { once: true });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? defaultTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', interrupt);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (code) => {
      settle();
      resolve({ code, stdout, stderr });
    });
  });
}
