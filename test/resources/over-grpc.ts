import grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import { endingsOf } from '../../provider/plugin/endings.ts';
import { type EngineClient, EngineLog } from '../../provider/plugin/engine-log.ts';
import { resourceProviderService } from '../../provider/plugin/messages.ts';
import { Operations } from '../../provider/plugin/operations.ts';
import type { PackageSchema } from '../../provider/plugin/package-schema.ts';
import { createHandlers, serverOptions } from '../../provider/plugin/service.ts';
import { Redaction } from '../../provider/redaction.ts';
import type { Provider } from '../../provider/resources/provider.ts';
import {
  type DiffKind,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type Resource,
  UserError,
} from '../../provider/resources/resource.ts';
import schema from '../../schema/schema.json' with { type: 'json' };
import { CallFailed } from '../plugin/fake-engine.ts';
import { fromStruct, toStruct } from '../plugin/structs.ts';
import type { ProcessTime } from './world-time.ts';

/** One message as the engine is told it. */
export interface Told {
  readonly text: string;
  readonly urn: string;
  readonly warning: boolean;
  readonly ephemeral: boolean;
}

/** A plugin's service, driven as the engine drives it. */
export interface PluginProcess {
  /** The plugin's resources as the core has them, though each call goes through the protocol. */
  readonly provider: Provider;
  /** What it told the engine, in order. */
  readonly told: readonly Told[];
  /** The engine's Cancel; at every end of a run. */
  cancel(): Promise<void>;
  /** What it sums up, once cancelled. */
  summary(): readonly string[];
  end(): void;
}

export interface PluginProcessOptions {
  readonly time: ProcessTime;
  /** Holds time back until the answer is called: a message is on its way. */
  readonly hold: () => () => void;
  /** Whether messages go over sockets; else as bytes from hand to hand. */
  readonly sockets: boolean;
  readonly config: PropertyMap;
  /** The configuration as `PULUMI_CONFIG` has it. */
  readonly current: PropertyMap | undefined;
}

type Handlers = Readonly<Record<string, grpc.handleUnaryCall<unknown, unknown>>>;
/** How one RPC is sent. */
type Send = (method: string, request: unknown) => Promise<unknown>;
type Definitions = Readonly<Record<string, grpc.MethodDefinition<unknown, unknown>>>;

const methods = providerServices.ResourceProviderService as unknown as Definitions;
const own = resourceProviderService as unknown as Definitions;
const logMethod = (engineServices.EngineService as unknown as Definitions).log;
const kinds: readonly DiffKind[] = [
  'add',
  'add-replace',
  'delete',
  'delete-replace',
  'update',
  'update-replace',
] as const;

/** Starts a plugin in this process, over `core`, and configures it. */
export async function startPluginProcess(core: Provider, options: PluginProcessOptions): Promise<PluginProcess> {
  const { time, hold } = options;
  const redaction = new Redaction();
  const told: Told[] = [];
  const rows = new Map<string, OperationContext['log']>();
  const hear = (request: engineMessages.LogRequest) => {
    const [text, urn] = [request.getMessage(), request.getUrn()];
    const warning = request.getSeverity() === engineMessages.LogSeverity.WARNING;
    told.push({ text, urn, warning, ephemeral: request.getEphemeral() });
    const row = rows.get(urn);
    if (warning) row?.warn(text);
    else row?.info(text);
  };
  const log = new EngineLog(redaction, () => inProcessEngine(hear));
  const timers = { now: time.clock.monotonic, after: time.timer.after };
  const operations = new Operations({ log, paceMs: 1_000, timers });
  const { stop, cancel } = endingsOf({ loaded: core, stop: (reason) => core.stop(reason) }, operations, log);
  const handlers = createHandlers({
    schema: schema as unknown as PackageSchema,
    version: '1.0.0',
    load: async () => core,
    current: options.current,
    operations,
    log,
    redaction,
    cancel,
    abandoned: () => void stop('the engine took its call back'),
  });
  const line = options.sockets
    ? await overSockets(handlers, hold)
    : { send: handToHand(handlers as Handlers), end: () => {} };
  const { send } = line;
  await send('handshake', new messages.ProviderHandshakeRequest().setEngineAddress('127.0.0.1:1'));
  const urn = 'urn:pulumi:dev::containment::pulumi:providers:mde::default';
  const asked = new messages.CheckRequest().setUrn(urn).setName('default').setNews(toStruct(options.config));
  const checked = (await send('checkConfig', asked)) as messages.CheckResponse;
  const [refused] = checked.getFailuresList();
  if (refused !== undefined) throw new Error(`${refused.getProperty()}: ${refused.getReason()}`);
  await send(
    'configure',
    new messages.ConfigureRequest()
      .setUrn(urn)
      .setName('default')
      .setArgs(checked.getInputs())
      .setAcceptsecrets(true)
      .setAcceptresources(true),
  );
  const tokens = [...core.resources.keys()];
  return {
    told,
    provider: {
      ...core,
      resources: new Map(
        tokens.map((token) => [token, overProtocol(token, core.resources.get(token)?.refreshBeforeUpdate, send, rows)]),
      ),
      stop: () => void send('cancel', new empties.Empty()),
      close: () => core.close(),
    },
    cancel: async () => void (await send('cancel', new empties.Empty())),
    summary: () => told.filter(({ urn }) => urn === '').map(({ text }) => text),
    end: line.end,
  };
}

/** The engine's end of the log, which takes messages as bytes. */
function inProcessEngine(hear: (request: engineMessages.LogRequest) => void): EngineClient {
  const log = (request: engineMessages.LogRequest, ...rest: readonly unknown[]) => {
    const bytes = logMethod?.requestSerialize(request) as Buffer;
    hear(logMethod?.requestDeserialize(bytes) as engineMessages.LogRequest);
    const done = rest.at(-1) as (error: null) => void;
    queueMicrotask(() => done(null));
    return undefined;
  };
  const channel = { getConnectivityState: () => grpc.connectivityState.READY };
  return { log, getChannel: () => channel, close: () => {} } as unknown as EngineClient;
}

/** Every message is written as bytes and read again, by the definitions of either end. */
function handToHand(handlers: Handlers): Send {
  return async (method, request) => {
    const [theirs, ours, handler] = [methods[method], own[method], handlers[method]];
    if (theirs === undefined || ours === undefined || handler === undefined) throw new Error(`there is no ${method}`);
    const arrived = ours.requestDeserialize(theirs.requestSerialize(request));
    const answer = await new Promise<unknown>((resolve, reject) => {
      const call = { request: arrived, once: () => call };
      handler(call as unknown as grpc.ServerUnaryCall<unknown, unknown>, (error, response) => {
        if (error !== null) reject(new CallFailed(error as grpc.ServiceError));
        else resolve(response);
      });
    });
    return theirs.responseDeserialize(ours.responseSerialize(answer));
  };
}

/** A server and a client on loopback. Time stands still while a message is on its way, and runs while it is worked on. */
async function overSockets(
  handlers: grpc.UntypedServiceImplementation,
  hold: () => () => void,
): Promise<{ readonly send: Send; end(): void }> {
  const onTheWay = new Set<() => void>();
  let isOver = false;
  const depart = () => {
    // What is answered once nobody listens any more does not arrive.
    if (isOver) return () => {};
    const release = hold();
    const arrive = () => {
      if (onTheWay.delete(arrive)) release();
    };
    onTheWay.add(arrive);
    return arrive;
  };
  // Requests of one connection arrive in the order in which they were sent, by method; answers find their own way.
  const sent = new Map<string, (() => void)[]>();
  const answers = new Map<unknown, () => void>();
  const wrapped = Object.fromEntries(
    Object.entries(handlers).map(([method, handler]) => {
      const work = handler as grpc.handleUnaryCall<unknown, unknown>;
      const entered: grpc.handleUnaryCall<unknown, unknown> = (call, callback) => {
        sent.get(method)?.shift()?.();
        work(call, (...answer) => {
          const [number] = call.metadata.get('number');
          answers.set(number, depart());
          callback(...answer);
        });
      };
      return [method, method === 'list' ? handler : entered];
    }),
  );
  const server = new grpc.Server(serverOptions);
  server.addService(resourceProviderService as unknown as grpc.ServiceDefinition, wrapped);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new providerServices.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
    serverOptions,
  );
  const calls = client as unknown as Readonly<
    Record<
      string,
      (
        request: unknown,
        metadata: grpc.Metadata,
        done: (error: grpc.ServiceError | null, answer: unknown) => void,
      ) => void
    >
  >;
  let count = 0;
  return {
    send: (method, request) =>
      new Promise((resolve, reject) => {
        // Nobody is there any more: no answer comes.
        if (isOver) return;
        count += 1;
        const number = String(count);
        const metadata = new grpc.Metadata();
        metadata.set('number', number);
        const queue = sent.get(method) ?? [];
        sent.set(method, queue);
        const arrive = depart();
        queue.push(arrive);
        calls[method]?.call(client, request, metadata, (error, answer) => {
          arrive();
          answers.get(number)?.();
          answers.delete(number);
          if (error) reject(new CallFailed(error));
          else resolve(answer);
        });
      }),
    end() {
      isOver = true;
      client.close();
      server.forceShutdown();
      for (const arrive of onTheWay) arrive();
    },
  };
}

/** A resource as the core has it, each of whose calls goes through the protocol; values are as state keeps them, marks and all. */
function overProtocol(
  token: string,
  refreshBeforeUpdate: boolean | undefined,
  send: Send,
  rows: Map<string, OperationContext['log']>,
): Resource {
  const call = async <T>(context: OperationContext, method: string, request: unknown): Promise<T> => {
    rows.set(context.declaration.key, context.log);
    try {
      return (await send(method, request)) as T;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      const { initFailed, code, message } = error;
      if (initFailed !== undefined) throw new Unfinished(error);
      const isOrderly = ![
        grpc.status.INTERNAL,
        grpc.status.UNKNOWN,
        grpc.status.ABORTED,
        grpc.status.DATA_LOSS,
      ].includes(code);
      throw isOrderly ? new UserError(message) : new Error(`${method} of ${context.declaration.name}: ${message}`);
    }
  };
  const timeout = ({ timeoutMs = 0 }: OperationContext) => timeoutMs / 1_000;
  const urn = ({ declaration }: OperationContext) => declaration.key;
  const written = (error: unknown): never => {
    if (!(error instanceof Unfinished)) throw error;
    throw new PartialFailure(error.id, error.outputs, error.reasons);
  };
  return {
    token,
    ...(refreshBeforeUpdate === undefined ? {} : { refreshBeforeUpdate }),
    async check(context, oldInputs, news) {
      const request = new messages.CheckRequest()
        .setUrn(urn(context))
        .setType(token)
        .setName(context.declaration.name)
        .setOlds(toStruct(oldInputs ?? {}))
        .setNews(toStruct(news));
      const response = await call<messages.CheckResponse>(context, 'check', request);
      return {
        inputs: mapOf(response.getInputs()),
        failures: response.getFailuresList().map((each) => each.toObject()),
      };
    },
    async diff(context, id, oldOutputs, oldInputs, news) {
      const request = new messages.DiffRequest()
        .setUrn(urn(context))
        .setId(id)
        .setOlds(toStruct(oldOutputs))
        .setOldInputs(toStruct(oldInputs))
        .setNews(toStruct(news));
      const response = await call<messages.DiffResponse>(context, 'diff', request);
      const detailed: Record<string, { kind: DiffKind; fromInputs: boolean }> = {};
      response.getDetaileddiffMap().forEach((each, path) => {
        detailed[path] = { kind: kinds[each.getKind()] ?? 'update', fromInputs: each.getInputdiff() };
      });
      const changes = response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME;
      return { changes, detailed, reasons: [] };
    },
    async create(context, inputs) {
      const request = new messages.CreateRequest()
        .setUrn(urn(context))
        .setProperties(toStruct(inputs))
        .setPreview(context.preview)
        .setTimeout(timeout(context));
      const response = await call<messages.CreateResponse>(context, 'create', request).catch(written);
      return { id: response.getId(), outputs: mapOf(response.getProperties()) };
    },
    async read(context, id, outputs, inputs) {
      const request = new messages.ReadRequest().setUrn(urn(context)).setId(id).setTimeout(timeout(context));
      if (outputs !== undefined) request.setProperties(toStruct(outputs));
      if (inputs !== undefined) request.setInputs(toStruct(inputs));
      try {
        const response = await call<messages.ReadResponse>(context, 'read', request);
        if (response.getId() === '') return { found: undefined, unhealthy: [] };
        const [read, given] = [mapOf(response.getProperties()), mapOf(response.getInputs())];
        return { found: { id: response.getId(), outputs: read, inputs: given }, unhealthy: [] };
      } catch (error) {
        if (!(error instanceof Unfinished)) throw error;
        return {
          found: { id: error.id, outputs: error.outputs, inputs: error.inputs ?? {} },
          unhealthy: error.reasons,
        };
      }
    },
    async update(context, id, oldOutputs, oldInputs, news) {
      const request = new messages.UpdateRequest()
        .setUrn(urn(context))
        .setId(id)
        .setOlds(toStruct(oldOutputs))
        .setOldInputs(toStruct(oldInputs))
        .setNews(toStruct(news))
        .setPreview(context.preview)
        .setTimeout(timeout(context));
      const response = await call<messages.UpdateResponse>(context, 'update', request).catch(written);
      return { id, outputs: mapOf(response.getProperties()) };
    },
    async delete(context, id, outputs, inputs) {
      const request = new messages.DeleteRequest()
        .setUrn(urn(context))
        .setId(id)
        .setProperties(toStruct(outputs))
        .setOldInputs(toStruct(inputs ?? {}))
        .setTimeout(timeout(context));
      await call(context, 'delete', request);
    },
  };
}

/** What an answer says that something was done and did not come to its end. */
class Unfinished extends Error {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap | undefined;
  readonly reasons: readonly string[];

  constructor({ message, initFailed }: CallFailed) {
    super(message);
    this.id = initFailed?.id ?? '';
    this.outputs = (initFailed?.properties ?? {}) as PropertyMap;
    this.inputs = initFailed?.inputs as PropertyMap | undefined;
    this.reasons = initFailed?.reasons ?? [];
  }
}

function mapOf(struct: Parameters<typeof fromStruct>[0]): PropertyMap {
  return (fromStruct(struct) ?? {}) as PropertyMap;
}
