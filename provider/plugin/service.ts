import grpc from '@grpc/grpc-js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import type { PropertyMap } from '../resources/resource.ts';
import { Answers } from './answers.ts';
import { ConfigurationService } from './configuration-service.ts';
import type { EngineLog } from './engine-log.ts';
import { Refusal, toStatus } from './failure.ts';
import { FunctionService } from './function-service.ts';
import {
  type CheckRequest,
  type ConfigureRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type InvokeRequest,
  type ReadRequest,
  resourceProviderService,
  type UpdateRequest,
} from './messages.ts';
import type { Operations } from './operations.ts';
import type { PackageSchema } from './package-schema.ts';
import { ResourceService } from './resource-service.ts';

export interface ServiceOptions {
  readonly schema: PackageSchema;
  readonly version: string;
  /** The provider, loaded once; may fail. */
  readonly load: () => Promise<Provider>;
  readonly current: PropertyMap | undefined;
  readonly operations: Operations;
  readonly log: EngineLog;
  readonly redaction: Redaction;
  /** Ends the run: no new writes, what runs returns what it knows. Resolves when all has been said. */
  readonly cancel: () => Promise<void>;
  /** The engine took a call back, which it only does when it ends without waiting: nobody hears the answer. */
  readonly abandoned: () => void;
}

/** Frames of the protocol may be as large as the engine's own limit. */
export const serverOptions = {
  'grpc.max_receive_message_length': 400 * 1024 * 1024,
  'grpc.max_send_message_length': 400 * 1024 * 1024,
} as const;

/** Methods of the protocol that say nothing for a provider of plain resources. */
const unimplemented = ['parameterize', 'call', 'construct'] as const;

/** The gRPC service `pulumirpc.ResourceProvider`, whole. */
export function createService(options: ServiceOptions): grpc.Server {
  const server = new grpc.Server(serverOptions);
  server.addService(resourceProviderService as unknown as grpc.ServiceDefinition, createHandlers(options));
  return server;
}

/** Its handlers by method: each answers, whatever is thrown in it. */
export function createHandlers(options: ServiceOptions): grpc.UntypedServiceImplementation {
  const { load, operations, log, redaction } = options;
  const answers = new Answers(options.schema, redaction);
  const configuration = new ConfigurationService(options);
  const resources = new ResourceService({ load, operations, answers, redaction });
  const functions = new FunctionService({ load, operations, answers, redaction });

  const answering =
    <Request, Response>(
      work: (request: Request) => Promise<Response> | Response,
      writes: (request: Request) => boolean = () => false,
    ): grpc.handleUnaryCall<Request, Response> =>
    async (call, callback) => {
      let answered = false;
      // The event also comes with the end of a call that was answered.
      call.once('cancelled', () => {
        if (!answered) options.abandoned();
      });
      try {
        const response = await work(call.request);
        answered = true;
        callback(null, response);
      } catch (error) {
        answered = true;
        const stopped = operations.stopReason !== undefined;
        const context = { redaction, stopped, packageName: options.schema.name, writes: writes(call.request) };
        callback(toStatus(error, context));
      }
    };

  const schemaText = () => JSON.stringify({ ...options.schema, version: options.version });

  const implementation: grpc.UntypedServiceImplementation = {
    handshake: answering((request: providerMessages.ProviderHandshakeRequest) => {
      log.connect(request.getEngineAddress());
      return new providerMessages.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setAcceptResources(true)
        .setAcceptOutputs(false)
        .setSupportsAutonamingConfiguration(false);
    }),
    attach: answering((request: pluginMessages.PluginAttach) => {
      log.connect(request.getAddress());
      return new empties.Empty();
    }),
    getPluginInfo: answering(() => new pluginMessages.PluginInfo().setVersion(options.version)),
    getSchema: answering((request: providerMessages.GetSchemaRequest) => {
      if (request.getVersion() !== 0) {
        throw new Refusal(grpc.status.INVALID_ARGUMENT, `schema version ${request.getVersion()} is not known; 0 is`);
      }
      return new providerMessages.GetSchemaResponse().setSchema(schemaText());
    }),
    checkConfig: answering((request: CheckRequest) => configuration.check(request)),
    diffConfig: answering((request: DiffRequest) => configuration.diff(request)),
    configure: answering((request: ConfigureRequest) => configuration.configure(request)),
    check: answering((request: CheckRequest) => resources.check(request)),
    diff: answering((request: DiffRequest) => resources.diff(request)),
    create: answering(
      (request: CreateRequest) => resources.create(request),
      (request) => !request.message.getPreview(),
    ),
    read: answering((request: ReadRequest) => resources.read(request)),
    update: answering(
      (request: UpdateRequest) => resources.update(request),
      (request) => !request.message.getPreview(),
    ),
    delete: answering(
      async (request: DeleteRequest) => {
        await resources.delete(request);
        return new empties.Empty();
      },
      () => true,
    ),
    cancel: answering(async () => {
      await options.cancel();
      return new empties.Empty();
    }),
    invoke: answering((request: InvokeRequest) => functions.invoke(request)),
    getMapping: answering(() => new providerMessages.GetMappingResponse()),
    getMappings: answering(() => new providerMessages.GetMappingsResponse()),
    list: (call: grpc.ServerWritableStream<providerMessages.ListRequest, providerMessages.ListResponse>) => {
      call.emit('error', { code: grpc.status.UNIMPLEMENTED, details: 'this provider does not list resources' });
    },
  };
  for (const method of unimplemented) {
    implementation[method] = answering(() => {
      throw new Refusal(grpc.status.UNIMPLEMENTED, `this provider has no ${method}`);
    });
  }
  return implementation;
}
