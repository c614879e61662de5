import grpc from '@grpc/grpc-js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import { nearName } from '../manifest/near-name.ts';
import type { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import type { PropertyMap } from '../resources/resource.ts';
import type { Answers } from './answers.ts';
import { toCheckFailures } from './check-failures.ts';
import { decodeStruct } from './decode.ts';
import { Refusal } from './failure.ts';
import type { InvokeRequest, InvokeResponse } from './messages.ts';
import type { Operations } from './operations.ts';

export interface FunctionServiceOptions {
  readonly load: () => Promise<Provider>;
  readonly operations: Operations;
  readonly answers: Answers;
  readonly redaction: Redaction;
}

/** Invoke: translation, and no behaviour of its own. */
export class FunctionService {
  readonly #options: FunctionServiceOptions;

  constructor(options: FunctionServiceOptions) {
    this.#options = options;
  }

  /** A call of a function belongs to no resource: what is said of it stands with the stack. */
  async invoke({ message, structs }: InvokeRequest): Promise<InvokeResponse> {
    const { load, operations, answers, redaction } = this.#options;
    const args = decodeStruct(structs.args);
    answers.learn(args);
    const token = message.getTok();
    return operations.run({ urn: '', preview: true, judges: false, timeoutSeconds: 0 }, async (context) => {
      const { functions } = await load();
      const called = functions.get(token);
      if (called === undefined) throw new Refusal(grpc.status.INVALID_ARGUMENT, noSuchFunction(token, functions));
      refuseUnknowns(token, args.value);
      const failures = called.check(args.value);
      if (failures.length > 0) {
        const isSecret = (property: string) => answers.isSecret(property, { token, from: [args] });
        const told = toCheckFailures(failures, args.value, isSecret, redaction);
        return { message: new providerMessages.InvokeResponse().setFailuresList(told), structs: {} };
      }
      const { struct, problems } = answers.encode(await called.run(context, args.value), {
        token,
        from: [args],
        unknowns: false,
      });
      if (problems.length > 0) throw new Refusal(grpc.status.FAILED_PRECONDITION, problems.join('\n'));
      return { message: new providerMessages.InvokeResponse(), structs: { return: struct } };
    });
  }
}

function noSuchFunction(token: string, functions: Provider['functions']): string {
  const text = `there is no function ${token} in this version of the provider`;
  const known = new Map([...functions.keys()].map((each) => [lastPart(each), each]));
  const near = nearName(lastPart(token), [...known.keys()]);
  if (near !== undefined) return `${text}; did you mean ${known.get(near)}?`;
  return known.size === 0 ? text : `${text}; it knows ${[...known.values()].join(', ')}`;
}

function lastPart(token: string): string {
  return token.split(/[:/]/).at(-1) ?? token;
}

/** Pulumi does not call a function whose arguments are not known yet; should one come, nobody is meant by it. */
function refuseUnknowns(token: string, args: PropertyMap): void {
  const unknowns = Object.keys(args).filter((name) => holdsUnknown(args[name]));
  if (unknowns.length === 0) return;
  throw new Refusal(
    grpc.status.FAILED_PRECONDITION,
    `${lastPart(token)}: ${unknowns.join(', ')} cannot be told before the deployment. Give a value that is known, or call it on an output`,
  );
}

function holdsUnknown(value: unknown): boolean {
  if (typeof value === 'symbol') return true;
  return Array.isArray(value) && value.some(holdsUnknown);
}
