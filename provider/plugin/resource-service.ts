import grpc from '@grpc/grpc-js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import { isPartialFailure } from '../error-kind.ts';
import type { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import type { OperationContext, PropertyMap, Resource } from '../resources/resource.ts';
import type { Answers } from './answers.ts';
import { toCheckFailures } from './check-failures.ts';
import { type Decoded, decodeOptional, decodeStruct } from './decode.ts';
import { toDiffResponse } from './diff-response.ts';
import { InitFailed, Refusal } from './failure.ts';
import type {
  CheckRequest,
  CheckResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from './messages.ts';
import type { OperationRequest, Operations } from './operations.ts';
import { parseUrn } from './urn.ts';

export interface ResourceServiceOptions {
  readonly load: () => Promise<Provider>;
  readonly operations: Operations;
  readonly answers: Answers;
  readonly redaction: Redaction;
}

/** Requests of every resource method have these. */
interface ResourceRequest {
  getUrn(): string;
  getType(): string;
}

/** Check, Diff, Create, Read, Update and Delete: translation, and no behaviour of their own. */
export class ResourceService {
  readonly #load: () => Promise<Provider>;
  readonly #operations: Operations;
  readonly #answers: Answers;
  readonly #redaction: Redaction;

  constructor(options: ResourceServiceOptions) {
    this.#load = options.load;
    this.#operations = options.operations;
    this.#answers = options.answers;
    this.#redaction = options.redaction;
  }

  async check({ message, structs }: CheckRequest): Promise<CheckResponse> {
    const olds = this.#decode(structs.olds);
    const news = this.#decode(structs.news);
    const hasOlds = Object.keys(olds.value).length > 0;
    return this.#run(message, { preview: true, judges: true, timeoutSeconds: 0 }, async (resource, context) => {
      const { inputs, failures } = await resource.check(context, hasOlds ? olds.value : undefined, news.value);
      const { token } = resource;
      const answer = this.#answers.encode(inputs, { token, from: [news], unknowns: true, reshapes: true });
      const isSecret = (property: string) => this.#answers.isSecret(property, { token, from: [news] });
      const all = [...failures, ...answer.problems.map((reason) => ({ property: '', reason }))];
      const told = toCheckFailures(all, inputs, isSecret, this.#redaction);
      const checked = new providerMessages.CheckResponse().setFailuresList(told);
      return { message: checked, structs: { inputs: answer.struct } };
    });
  }

  async diff({ message, structs }: DiffRequest): Promise<providerMessages.DiffResponse> {
    const olds = this.#decode(structs.olds);
    const news = this.#decode(structs.news);
    const oldInputs = this.#decode(structs.oldInputs);
    const secrets = new Set([olds, news, oldInputs].flatMap((each) => wholeSecrets(each)));
    return this.#run(message, { preview: true, judges: false, timeoutSeconds: 0 }, async (resource, context) =>
      toDiffResponse(await resource.diff(context, message.getId(), olds.value, oldInputs.value, news.value), secrets),
    );
  }

  async create({ message, structs }: CreateRequest): Promise<CreateResponse> {
    const inputs = this.#decode(structs.properties);
    const preview = message.getPreview();
    const mode = { preview, judges: true, timeoutSeconds: message.getTimeout() };
    return this.#run(message, mode, async (resource, context) => {
      const from = [inputs];
      const written = await this.#keeping(resource, from, preview, () => resource.create(context, inputs.value));
      const properties = this.#outputs(resource, written.id, written.outputs, from, preview);
      const created = new providerMessages.CreateResponse()
        .setId(written.id)
        .setRefreshBeforeUpdate(resource.refreshBeforeUpdate ?? true);
      return { message: created, structs: { properties } };
    });
  }

  async update({ message, structs }: UpdateRequest): Promise<UpdateResponse> {
    const olds = this.#decode(structs.olds);
    const oldInputs = this.#decode(structs.oldInputs);
    const news = this.#decode(structs.news);
    const preview = message.getPreview();
    const id = message.getId();
    const mode = { preview, judges: true, timeoutSeconds: message.getTimeout() };
    return this.#run(message, mode, async (resource, context) => {
      const written = await this.#keeping(resource, [news, olds], preview, () =>
        resource.update(context, id, olds.value, oldInputs.value, news.value),
      );
      const properties = this.#outputs(resource, id, written.outputs, [news], preview);
      const updated = new providerMessages.UpdateResponse().setRefreshBeforeUpdate(
        resource.refreshBeforeUpdate ?? true,
      );
      return { message: updated, structs: { properties } };
    });
  }

  async read({ message, structs }: ReadRequest): Promise<ReadResponse> {
    // An import has neither; both stay undefined, which is not the same as empty.
    const outputs = this.#decodeOptional(structs.properties);
    const inputs = this.#decodeOptional(structs.inputs);
    const mode = { preview: true, judges: false, timeoutSeconds: message.getTimeout() };
    return this.#run(message, mode, async (resource, context) => {
      const { found, unhealthy } = await resource.read(context, message.getId(), outputs?.value, inputs?.value);
      if (!found) {
        if (unhealthy.length > 0) throw new Refusal(grpc.status.FAILED_PRECONDITION, unhealthy.join('\n'));
        // Only an answer without id and without properties says "does not exist".
        return { message: new providerMessages.ReadResponse(), structs: {} };
      }
      const { token } = resource;
      const from = [inputs, outputs];
      const properties = this.#answers.encode(found.outputs, { token, from, unknowns: false });
      const readInputs = this.#answers.encode(found.inputs, { token, from: [inputs], unknowns: false });
      const reasons = [...unhealthy, ...properties.problems, ...readInputs.problems];
      if (reasons.length > 0) {
        throw new InitFailed({ id: found.id, properties: properties.struct, inputs: readInputs.struct, reasons });
      }
      const told = new providerMessages.ReadResponse()
        .setId(found.id)
        .setRefreshBeforeUpdate(resource.refreshBeforeUpdate ?? true);
      return { message: told, structs: { properties: properties.struct, inputs: readInputs.struct } };
    });
  }

  async delete({ message, structs }: DeleteRequest): Promise<void> {
    const outputs = this.#decode(structs.properties);
    const inputs = this.#decodeOptional(structs.oldInputs);
    const mode = { preview: false, judges: true, timeoutSeconds: message.getTimeout() };
    await this.#run(message, mode, async (resource, context) => {
      try {
        await resource.delete(context, message.getId(), outputs.value, inputs?.value);
      } catch (error) {
        // The engine saves no details of a failed delete: its resource stays in state as it was.
        if (isPartialFailure(error)) throw new Refusal(grpc.status.FAILED_PRECONDITION, error.reasons.join('\n'));
        throw error;
      }
    });
  }

  /** Runs one method of the resource that the request is about. */
  async #run<T>(
    request: ResourceRequest,
    mode: Omit<OperationRequest, 'urn'>,
    work: (resource: Resource, context: OperationContext) => Promise<T>,
  ): Promise<T> {
    const urn = request.getUrn();
    return this.#operations.run({ urn, ...mode }, async (context) => {
      const { resources } = await this.#load();
      const token = request.getType() || parseUrn(urn).type;
      const resource = resources.get(token);
      if (!resource) {
        const known = [...resources.keys()].join(', ');
        const text = `there is no resource type ${token} in this version of the provider; it knows ${known}`;
        throw new Refusal(grpc.status.INVALID_ARGUMENT, text);
      }
      return work(resource, context);
    });
  }

  /** What failed half-way leaves with its id and outputs, so that state keeps them. */
  async #keeping<T>(
    resource: Resource,
    from: readonly Decoded[],
    preview: boolean,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isPartialFailure(error)) throw error;
      // In a preview nothing is saved; the reasons are all there is to say.
      if (preview) throw new Refusal(grpc.status.FAILED_PRECONDITION, error.reasons.join('\n'));
      const { struct, problems } = this.#answers.encode(error.outputs, {
        token: resource.token,
        from,
        unknowns: false,
      });
      throw new InitFailed({ id: error.id, properties: struct, reasons: [...error.reasons, ...problems] });
    }
  }

  /** Outputs of something that was done. What cannot be sent must not lose the rest. */
  #outputs(
    resource: Resource,
    id: string,
    outputs: PropertyMap,
    from: readonly Decoded[],
    preview: boolean,
  ): Uint8Array {
    const { struct, problems } = this.#answers.encode(outputs, { token: resource.token, from, unknowns: preview });
    if (problems.length === 0) return struct;
    const reasons = problems.map((problem) => `an output could not be kept: ${problem}`);
    if (preview) throw new Refusal(grpc.status.FAILED_PRECONDITION, reasons.join('\n'));
    throw new InitFailed({ id, properties: struct, reasons });
  }

  #decode(struct: Uint8Array | undefined): Decoded {
    const decoded = decodeStruct(struct);
    this.#answers.learn(decoded);
    return decoded;
  }

  #decodeOptional(struct: Uint8Array | undefined): Decoded | undefined {
    const decoded = decodeOptional(struct);
    if (decoded) this.#answers.learn(decoded);
    return decoded;
  }
}

/** Properties that are secret as they stand, with all that is in them. */
function wholeSecrets({ secrets }: Decoded): readonly string[] {
  return secrets.flatMap(([root, ...within]) => (typeof root === 'string' && within.length === 0 ? [root] : []));
}
