import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type { WithStructs } from './struct-messages.ts';
import { readsPlain, readsStructs, writesStructs } from './struct-messages.ts';

// The numbers are those of pulumi/provider.proto. What nobody asks for here is passed over: autonaming, views, and what a
// later engine may add.
const readCheck = readsStructs(providerMessages.CheckRequest, { olds: 2, news: 3, oldOutputs: 9 }, [1, 6, 7]);
const readDiff = readsStructs(providerMessages.DiffRequest, { olds: 3, news: 4, oldInputs: 6 }, [1, 2, 5, 7, 8]);
const readConfigure = readsStructs(providerMessages.ConfigureRequest, { args: 2 }, [3, 4, 5, 6, 7, 8, 9, 10]);
const readCreate = readsStructs(providerMessages.CreateRequest, { properties: 2 }, [1, 3, 4, 5, 6]);
const readRead = readsStructs(providerMessages.ReadRequest, { properties: 3, inputs: 4 }, [1, 2, 5, 6, 10]);
const readUpdate = readsStructs(
  providerMessages.UpdateRequest,
  { olds: 3, news: 4, oldInputs: 8 },
  [1, 2, 5, 6, 7, 9, 10],
);
const readDelete = readsStructs(providerMessages.DeleteRequest, { properties: 3, oldInputs: 5 }, [1, 2, 4, 6, 7]);
const readInvoke = readsStructs(providerMessages.InvokeRequest, { args: 2 }, [1, 7]);

export type CheckRequest = ReturnType<typeof readCheck>;
export type DiffRequest = ReturnType<typeof readDiff>;
export type ConfigureRequest = ReturnType<typeof readConfigure>;
export type CreateRequest = ReturnType<typeof readCreate>;
export type ReadRequest = ReturnType<typeof readRead>;
export type UpdateRequest = ReturnType<typeof readUpdate>;
export type DeleteRequest = ReturnType<typeof readDelete>;
export type InvokeRequest = ReturnType<typeof readInvoke>;

export type CheckResponse = WithStructs<providerMessages.CheckResponse, 'inputs'>;
export type CreateResponse = WithStructs<providerMessages.CreateResponse, 'properties'>;
export type ReadResponse = WithStructs<providerMessages.ReadResponse, 'properties' | 'inputs'>;
export type UpdateResponse = WithStructs<providerMessages.UpdateResponse, 'properties'>;
export type InvokeResponse = WithStructs<providerMessages.InvokeResponse, 'return'>;
export type InitFailedDetail = WithStructs<providerMessages.ErrorResourceInitFailed, 'properties' | 'inputs'>;

/** What a failed operation leaves behind travels in a trailer, so it is written by itself. */
export const writeInitFailed = writesStructs({ properties: 2, inputs: 4 });

const writeChecked = writesStructs({ inputs: 1 });
const service = providerServices.ResourceProviderService;
/** Of what is not implemented, nothing needs to be read to say so; gRPC takes undefined for no request at all. */
const unread = { requestDeserialize: () => ({}) };

/** `pulumirpc.ResourceProvider`, where the Structs of what may be large are left to us; the rest is the generated code's. */
export const resourceProviderService = {
  ...service,
  handshake: {
    ...service.handshake,
    requestDeserialize: readsPlain(providerMessages.ProviderHandshakeRequest, [1, 2, 3, 4, 5, 6, 7]),
  },
  attach: { ...service.attach, requestDeserialize: readsPlain(pluginMessages.PluginAttach, [1]) },
  getSchema: { ...service.getSchema, requestDeserialize: readsPlain(providerMessages.GetSchemaRequest, [1, 2, 3]) },
  getMapping: { ...service.getMapping, ...unread },
  getMappings: { ...service.getMappings, ...unread },
  list: { ...service.list, ...unread },
  parameterize: { ...service.parameterize, ...unread },
  call: { ...service.call, ...unread },
  construct: { ...service.construct, ...unread },
  checkConfig: { ...service.checkConfig, requestDeserialize: readCheck, responseSerialize: writeChecked },
  diffConfig: { ...service.diffConfig, requestDeserialize: readDiff },
  configure: { ...service.configure, requestDeserialize: readConfigure },
  check: { ...service.check, requestDeserialize: readCheck, responseSerialize: writeChecked },
  diff: { ...service.diff, requestDeserialize: readDiff },
  create: {
    ...service.create,
    requestDeserialize: readCreate,
    responseSerialize: writesStructs({ properties: 2 }),
  },
  read: {
    ...service.read,
    requestDeserialize: readRead,
    responseSerialize: writesStructs({ properties: 2, inputs: 3 }),
  },
  update: {
    ...service.update,
    requestDeserialize: readUpdate,
    responseSerialize: writesStructs({ properties: 1 }),
  },
  delete: { ...service.delete, requestDeserialize: readDelete },
  invoke: { ...service.invoke, requestDeserialize: readInvoke, responseSerialize: writesStructs({ return: 1 }) },
};
