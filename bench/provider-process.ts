import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import grpc from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';

export interface ProviderCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** `host:port` of the engine's own service, which the provider watches. */
  readonly engineAddress: string;
}

export type Properties = Readonly<Record<string, string | number | boolean>>;

/** No step of a start takes this long, however busy the machine; ms. */
const limitMs = 60_000;

/** A provider in a process of its own, started and spoken to as the engine does. */
export class ProviderProcess {
  /** From just before the process was made until its port was read from its standard output. */
  readonly msToPort: number;
  readonly #child: ChildProcess;
  readonly #startedAt: number;
  readonly #client: InstanceType<typeof services.ResourceProviderClient>;

  /** @throws Error where it ends or says something else before it tells its port, or takes too long */
  static async start(command: ProviderCommand, signal: AbortSignal): Promise<ProviderProcess> {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const child = spawn(command.program, [...command.args, command.engineAddress], {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    try {
      const { port, at } = await within(portOf(child), signal, 'it told no port');
      return new ProviderProcess(child, startedAt, port, at - startedAt);
    } catch (error) {
      await end(child);
      throw error;
    }
  }

  private constructor(child: ChildProcess, startedAt: number, port: number, msToPort: number) {
    this.#child = child;
    this.#startedAt = startedAt;
    this.msToPort = msToPort;
    this.#client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** Milliseconds since just before the process was made. */
  age(): number {
    return performance.now() - this.#startedAt;
  }

  async handshake(engineAddress: string, signal: AbortSignal): Promise<void> {
    const request = new messages.ProviderHandshakeRequest().setEngineAddress(engineAddress).setConfigureWithUrn(true);
    await this.#call('handshake', request, signal);
  }

  async configure(settings: Properties, signal: AbortSignal): Promise<void> {
    const request = new messages.ConfigureRequest()
      .setArgs(structs.Struct.fromJavaScript(settings))
      .setUrn('urn:pulumi:dev::bench::pulumi:providers:mde::default')
      .setName('default')
      .setAcceptsecrets(true)
      .setAcceptresources(true);
    await this.#call('configure', request, signal);
  }

  /** @throws Error where the inputs are refused */
  async check(type: string, inputs: Properties, signal: AbortSignal): Promise<void> {
    const request = new messages.CheckRequest()
      .setUrn(`urn:pulumi:dev::bench::${type}::host`)
      .setType(type)
      .setName('host')
      .setOlds(new structs.Struct())
      .setNews(structs.Struct.fromJavaScript(inputs));
    const response = await this.#call<InstanceType<typeof messages.CheckResponse>>('check', request, signal);
    const failures = response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
    if (failures.length > 0) throw new Error(`Check refused the bench's resource: ${failures.join('; ')}`);
  }

  /** The resident memory of the process now, by the kernel's count (`VmRSS`); MiB. */
  residentMiB(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kibibytes === undefined) throw new Error(`/proc/${this.#child.pid}/status tells no VmRSS`);
    return Number(kibibytes) / 1024;
  }

  /** What a preloaded probe writes to file descriptor 3. */
  get probe(): Readable {
    return this.#child.stdio[3] as Readable;
  }

  async stop(): Promise<void> {
    this.#client.close();
    await end(this.#child);
  }

  #call<Response>(method: string, request: unknown, signal: AbortSignal): Promise<Response> {
    type Send = (request: unknown, done: (error: grpc.ServiceError | null, response: Response) => void) => void;
    const send = (this.#client as unknown as Record<string, Send>)[method];
    const answer = new Promise<Response>((resolve, reject) => {
      send?.call(this.#client, request, (error, response) =>
        error ? reject(new Error(`${method}: ${error.details}`)) : resolve(response),
      );
    });
    return within(answer, signal, `it did not answer ${method}`);
  }
}

async function portOf(child: ChildProcess): Promise<{ port: number; at: number }> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('its output cannot be read');
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    let line = '';
    child.once('error', reject);
    child.once('close', (code, signal) =>
      reject(
        new Error(`it ended (${code ?? signal}) before it told its port: ${complaint.trim() || 'without a word'}`),
      ),
    );
    stdout.setEncoding('utf8').on('data', (text: string) => {
      const at = performance.now();
      line += text;
      if (!line.includes('\n')) return;
      const port = Number(line.trim());
      if (Number.isInteger(port) && port > 0) resolve({ port, at });
      else reject(new Error(`its first line is no port: ${JSON.stringify(line)}`));
    });
  });
}

/** `work`, but no longer than anybody would wait for it. */
export async function within<T>(work: Promise<T>, signal: AbortSignal, complaint: string): Promise<T> {
  const timeout = AbortSignal.timeout(limitMs);
  const ended = AbortSignal.any([signal, timeout]);
  let onEnd = () => {};
  const late = new Promise<never>((_, reject) => {
    onEnd = () =>
      reject(signal.aborted ? signal.reason : new Error(`the provider: ${complaint} within ${limitMs / 1000} s`));
    if (ended.aborted) onEnd();
    else ended.addEventListener('abort', onEnd, { once: true });
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.removeEventListener('abort', onEnd);
  }
}

/** It holds nothing and is spoken to by nobody else, so nothing is lost by ending it at once. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
