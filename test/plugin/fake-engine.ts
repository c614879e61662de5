import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import type engineMessages from '@pulumi/pulumi/proto/engine_pb.js';
import type pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import { fromStruct, toStruct } from './structs.ts';

type Properties = Readonly<Record<string, unknown>>;

/** One message as the engine received it. */
export interface LoggedMessage {
  readonly severity: 'debug' | 'info' | 'warning' | 'error';
  readonly text: string;
  readonly urn: string;
  readonly ephemeral: boolean;
  /** `performance.now()` when it arrived. */
  readonly at: number;
}

/** The engine's own service, as far as a provider uses it: it keeps what it is told. */
export class FakeEngine {
  readonly logs: LoggedMessage[] = [];
  readonly #server = new grpc.Server();
  readonly #waiting = new Set<() => void>();
  address = '';

  async start(): Promise<this> {
    const names = ['debug', 'info', 'warning', 'error'] as const;
    this.#server.addService(engineServices.EngineService as unknown as grpc.ServiceDefinition, {
      log: (call: { request: engineMessages.LogRequest }, callback: (error: null, empty: empties.Empty) => void) => {
        const { request } = call;
        const severity = names[request.getSeverity()] ?? 'error';
        const [text, urn, ephemeral] = [request.getMessage(), request.getUrn(), request.getEphemeral()];
        this.logs.push({ severity, text, urn, ephemeral, at: performance.now() });
        callback(null, new empties.Empty());
        for (const wake of this.#waiting) wake();
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    this.address = `127.0.0.1:${port}`;
    return this;
  }

  /** The first message that fits, as soon as it is there. */
  async logged(fits: (message: LoggedMessage) => boolean): Promise<LoggedMessage> {
    for (;;) {
      const found = this.logs.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

/** An RPC that failed, with what the engine would read of it. */
export class CallFailed extends Error {
  readonly code: grpc.status;
  readonly initFailed:
    | undefined
    | {
        readonly id: string;
        readonly properties: Properties | undefined;
        readonly inputs: Properties | undefined;
        readonly reasons: readonly string[];
        readonly refreshBeforeUpdate: boolean;
      };
  readonly missingKeys: readonly { readonly name: string; readonly description: string }[];

  constructor(error: grpc.ServiceError) {
    super(error.details);
    this.name = 'CallFailed';
    this.code = error.code;
    let init: messages.ErrorResourceInitFailed | undefined;
    let missing: messages.ErrorResourceInitFailed | messages.ConfigureErrorMissingKeys | undefined;
    for (const bytes of error.metadata?.get('grpc-status-details-bin') ?? []) {
      for (const any of statusMessages.Status.deserializeBinary(bytes as Buffer).getDetailsList()) {
        init ??=
          any.unpack(messages.ErrorResourceInitFailed.deserializeBinary, 'pulumirpc.ErrorResourceInitFailed') ??
          undefined;
        missing ??=
          any.unpack(messages.ConfigureErrorMissingKeys.deserializeBinary, 'pulumirpc.ConfigureErrorMissingKeys') ??
          undefined;
      }
    }
    this.initFailed = init && {
      id: init.getId(),
      properties: fromStruct(init.getProperties()),
      inputs: fromStruct(init.getInputs()),
      reasons: init.getReasonsList(),
      refreshBeforeUpdate: init.getRefreshBeforeUpdate(),
    };
    this.missingKeys = (missing as messages.ConfigureErrorMissingKeys | undefined)?.toObject().missingkeysList ?? [];
  }
}

export interface StartOptions {
  /** The plugin's script; by default the plugin with the fake provider. */
  readonly script?: string;
  readonly type?: string;
  /** Added to the environment. Nothing of ours but PATH and HOME is passed on otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  /** The stack's configuration now, in PULUMI_CONFIG. */
  readonly currentConfig?: Readonly<Record<string, string>>;
  /** Handshake and Configure with these provider inputs before it is handed out. Undefined: not configured. */
  readonly config?: Properties | undefined;
  readonly providerName?: string;
  /** Arguments before the engine's address. */
  readonly flags?: readonly string[];
}

const defaultScript = fileURLToPath(new URL('./fake-plugin.ts', import.meta.url));

export const urnOf = (name: string, type = 'fake:index:Thing') => `urn:pulumi:dev::proj::${type}::${name}`;

/**
 * A plugin in a process of its own, driven as the engine drives it, over real gRPC. Every method sends one RPC and
 * resolves to its answer as plain data, or throws CallFailed.
 */
export class PluginUnderTest {
  readonly engine: FakeEngine;
  readonly child: ChildProcess;
  readonly port: number;
  /** All that the process printed. */
  readonly printed: { stdout: string; stderr: string };
  readonly #client: InstanceType<typeof providerServices.ResourceProviderClient>;
  readonly #type: string;
  readonly #package: string;

  constructor(
    engine: FakeEngine,
    child: ChildProcess,
    port: number,
    printed: { stdout: string; stderr: string },
    type: string,
  ) {
    this.engine = engine;
    this.child = child;
    this.port = port;
    this.printed = printed;
    this.#type = type;
    this.#package = type.split(':')[0] ?? type;
    this.#client = new providerServices.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      'grpc.max_receive_message_length': 400 * 1024 * 1024,
      'grpc.max_send_message_length': 400 * 1024 * 1024,
    });
  }

  get logs(): readonly LoggedMessage[] {
    return this.engine.logs;
  }

  async handshake() {
    const request = new messages.ProviderHandshakeRequest()
      .setEngineAddress(this.engine.address)
      .setConfigureWithUrn(true);
    return (await this.#call('handshake', request)).toObject();
  }

  async pluginInfo(): Promise<string> {
    return (await this.#call<pluginMessages.PluginInfo>('getPluginInfo', new empties.Empty())).getVersion();
  }

  async schema(version = 0): Promise<Record<string, unknown>> {
    const response = await this.#call<messages.GetSchemaResponse>(
      'getSchema',
      new messages.GetSchemaRequest().setVersion(version),
    );
    return JSON.parse(response.getSchema()) as Record<string, unknown>;
  }

  async checkConfig(news: Properties, name = 'default') {
    const urn = urnOf(name, `pulumi:providers:${this.#package}`);
    const request = new messages.CheckRequest().setUrn(urn).setNews(toStruct(news)).setOlds(toStruct({})).setName(name);
    return checked(await this.#call('checkConfig', request));
  }

  async diffConfig(olds: Properties, news: Properties, name = 'default') {
    const request = new messages.DiffRequest()
      .setUrn(urnOf(name, `pulumi:providers:${this.#package}`))
      .setName(name)
      .setOlds(toStruct(olds))
      .setOldInputs(toStruct(olds))
      .setNews(toStruct(news));
    return differed(await this.#call('diffConfig', request));
  }

  async configure(args: Properties, name = 'default') {
    const urn = urnOf(name, `pulumi:providers:${this.#package}`);
    const request = new messages.ConfigureRequest()
      .setArgs(toStruct(args))
      .setUrn(urn)
      .setName(name)
      .setAcceptsecrets(true)
      .setAcceptresources(true);
    return (await this.#call<messages.ConfigureResponse>('configure', request)).toObject();
  }

  async check(name: string, news: Properties, olds: Properties = {}) {
    const request = new messages.CheckRequest().setUrn(this.#urn(name)).setOlds(toStruct(olds)).setNews(toStruct(news));
    return checked(await this.#call('check', request));
  }

  async diff(name: string, id: string, olds: Properties, oldInputs: Properties, news: Properties) {
    const request = new messages.DiffRequest()
      .setUrn(this.#urn(name))
      .setId(id)
      .setOlds(toStruct(olds))
      .setOldInputs(toStruct(oldInputs))
      .setNews(toStruct(news));
    return differed(await this.#call('diff', request));
  }

  async create(name: string, inputs: Properties, options: { preview?: boolean; timeout?: number } = {}) {
    const request = new messages.CreateRequest()
      .setUrn(this.#urn(name))
      .setProperties(toStruct(inputs))
      .setPreview(options.preview ?? false)
      .setTimeout(options.timeout ?? 0);
    const response = await this.#call<messages.CreateResponse>('create', request);
    return {
      id: response.getId(),
      properties: fromStruct(response.getProperties()) ?? {},
      refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
    };
  }

  /** Without `state` it is what an import sends. */
  async read(name: string, id: string, state?: { outputs: Properties; inputs: Properties }, timeout = 0) {
    const request = new messages.ReadRequest().setUrn(this.#urn(name)).setId(id).setTimeout(timeout);
    if (state) request.setProperties(toStruct(state.outputs)).setInputs(toStruct(state.inputs));
    const response = await this.#call<messages.ReadResponse>('read', request);
    return {
      id: response.getId(),
      properties: fromStruct(response.getProperties()),
      inputs: fromStruct(response.getInputs()),
      refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
    };
  }

  async update(
    name: string,
    id: string,
    olds: Properties,
    oldInputs: Properties,
    news: Properties,
    options: { preview?: boolean; timeout?: number } = {},
  ) {
    const request = new messages.UpdateRequest()
      .setUrn(this.#urn(name))
      .setId(id)
      .setOlds(toStruct(olds))
      .setOldInputs(toStruct(oldInputs))
      .setNews(toStruct(news))
      .setPreview(options.preview ?? false)
      .setTimeout(options.timeout ?? 0);
    const response = await this.#call<messages.UpdateResponse>('update', request);
    return {
      properties: fromStruct(response.getProperties()) ?? {},
      refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
    };
  }

  async delete(name: string, id: string, outputs: Properties, inputs: Properties = {}, timeout = 0): Promise<void> {
    const request = new messages.DeleteRequest()
      .setUrn(this.#urn(name))
      .setId(id)
      .setProperties(toStruct(outputs))
      .setOldInputs(toStruct(inputs))
      .setTimeout(timeout);
    await this.#call('delete', request);
  }

  async invoke(token: string, args: Properties = {}) {
    const response = await this.#call<messages.InvokeResponse>(
      'invoke',
      new messages.InvokeRequest().setTok(token).setArgs(toStruct(args)),
    );
    return {
      result: fromStruct(response.getReturn()),
      failures: response.getFailuresList().map((failure) => failure.toObject()),
    };
  }

  async cancel(): Promise<void> {
    await this.#call('cancel', new empties.Empty());
  }

  /** Any RPC that has no method of its own here. */
  raw(method: string, request: unknown): Promise<{ toObject(): unknown }> {
    return this.#call(method, request);
  }

  /** As the engine ends a plugin: Cancel, the connection closed, SIGINT. Resolves to the exit code. */
  async end(): Promise<number | null> {
    if (this.exited) return this.child.exitCode;
    await this.cancel().catch(() => undefined);
    this.#client.close();
    return this.signal('SIGINT');
  }

  async signal(name: NodeJS.Signals): Promise<number | null> {
    const gone = this.exited ? undefined : once(this.child, 'exit');
    this.child.kill(name);
    await gone;
    return this.child.exitCode;
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Whatever became of it: nothing of it is left. */
  async dispose(): Promise<void> {
    this.#client.close();
    if (!this.exited) await this.signal('SIGKILL');
    this.engine.stop();
  }

  /** @param name of a resource of this plugin's type, or the whole URN of one of any type */
  #urn(name: string): string {
    return name.startsWith('urn:') ? name : urnOf(name, this.#type);
  }

  #call<Response = { toObject(): never }>(method: string, request: unknown): Promise<Response> {
    const send = (
      this.#client as unknown as Record<
        string,
        (request: unknown, answer: (error: grpc.ServiceError | null, response: Response) => void) => void
      >
    )[method];
    return new Promise((resolve, reject) => {
      send?.call(this.#client, request, (error, response) =>
        error ? reject(new CallFailed(error)) : resolve(response),
      );
    });
  }
}

function checked(response: messages.CheckResponse) {
  return {
    inputs: fromStruct(response.getInputs()) ?? {},
    failures: response.getFailuresList().map((failure) => failure.toObject()),
  };
}

function differed(response: messages.DiffResponse) {
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  const detailed: Record<string, { kind: number; inputdiff: boolean }> = {};
  response.getDetaileddiffMap().forEach((value, key) => {
    detailed[key] = value.toObject();
  });
  return {
    changes: response.getChanges() === DIFF_SOME ? 'some' : response.getChanges() === DIFF_NONE ? 'none' : 'unknown',
    diffs: response.getDiffsList(),
    replaces: response.getReplacesList(),
    stables: response.getStablesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    hasDetailed: response.getHasdetaileddiff(),
    detailed,
  };
}

/** Starts a plugin process and its engine, reads the port, and configures it where `config` is given. */
export async function startPlugin(options: StartOptions = {}): Promise<PluginUnderTest> {
  const engine = await new FakeEngine().start();
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...options.env };
  if (options.currentConfig) env.PULUMI_CONFIG = JSON.stringify(options.currentConfig);
  const script = options.script ?? defaultScript;
  const child = spawn(process.execPath, [script, ...(options.flags ?? []), engine.address], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text;
  });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) =>
        reject(new Error(`the plugin ended with ${code} before it told its port: ${printed.stderr}`)),
      );
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed.stdout += text;
        if (printed.stdout.includes('\n')) resolve(Number(printed.stdout.split('\n')[0]));
      });
    });
    const plugin = new PluginUnderTest(engine, child, port, printed, options.type ?? 'fake:index:Thing');
    await plugin.handshake();
    if (options.config) await plugin.configure(options.config, options.providerName);
    return plugin;
  } catch (error) {
    child.kill('SIGKILL');
    engine.stop();
    throw error;
  }
}
