import grpc from '@grpc/grpc-js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import anyMessages from 'google-protobuf/google/protobuf/any_pb.js';
import { firstLineOf, isMissingConfiguration, isUserError } from '../error-kind.ts';
import { printableLine } from '../printable.ts';
import type { Redaction } from '../redaction.ts';
import type { MissingConfiguration } from '../resources/resource.ts';
import { writeInitFailed } from './messages.ts';

/**
 * What a handler throws to be answered exactly so. Every other exception is translated by `toStatus`.
 */
export class Refusal extends Error {
  readonly code: grpc.status;
  constructor(code: grpc.status, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}

/** Something was done and the operation failed: what is known of it, already in the protocol's shape. */
export class InitFailed extends Error {
  readonly id: string;
  /** Structs, as they go over the wire. */
  readonly properties: Uint8Array;
  readonly inputs: Uint8Array | undefined;
  readonly reasons: readonly string[];
  constructor(detail: {
    id: string;
    properties: Uint8Array;
    inputs?: Uint8Array | undefined;
    reasons: readonly string[];
  }) {
    super(detail.reasons.join('\n'));
    this.name = 'InitFailed';
    this.id = detail.id;
    this.properties = detail.properties;
    this.inputs = detail.inputs;
    this.reasons = detail.reasons;
  }
}

export interface FailureContext {
  readonly redaction: Redaction;
  /** The call could have written: only then does an unexpected exception leave the engine in doubt about the state. */
  readonly writes: boolean;
  /** The run was being stopped. */
  readonly stopped: boolean;
  readonly packageName: string;
}

/**
 * An exception as the engine's answer: text for people, never a stack, never a secret. The code matters: the engine
 * takes UNKNOWN, INTERNAL and DATA_LOSS for "the state may be corrupt", all others for an orderly refusal.
 */
export function toStatus(error: unknown, context: FailureContext): Partial<grpc.StatusObject> {
  const clean = (text: string) => context.redaction.presentable(text);
  if (error instanceof InitFailed) return initFailed(error, clean);
  if (error instanceof Refusal) return { code: error.code, details: clean(error.message) };
  if (isMissingConfiguration(error)) return missingKeys(error, context.packageName, clean);
  if (isUserError(error)) {
    const code = context.stopped ? grpc.status.CANCELLED : grpc.status.FAILED_PRECONDITION;
    return { code, details: clean(error.message) };
  }
  const first = printableLine(clean(firstLineOf(error)));
  if (context.stopped) return { code: grpc.status.CANCELLED, details: `stopped before it was done: ${first}` };
  return {
    code: context.writes ? grpc.status.INTERNAL : grpc.status.ABORTED,
    details: `unexpected: ${first}`,
  };
}

function initFailed(error: InitFailed, clean: (text: string) => string): Partial<grpc.StatusObject> {
  const reasons = error.reasons.map(clean);
  const message = new providerMessages.ErrorResourceInitFailed()
    .setId(error.id)
    .setReasonsList(reasons)
    .setRefreshBeforeUpdate(true);
  return withDetail(
    grpc.status.FAILED_PRECONDITION,
    reasons.join('\n'),
    'type.googleapis.com/pulumirpc.ErrorResourceInitFailed',
    writeInitFailed({ message, structs: { properties: error.properties, inputs: error.inputs } }),
  );
}

function missingKeys(
  error: MissingConfiguration,
  packageName: string,
  clean: (text: string) => string,
): Partial<grpc.StatusObject> {
  const detail = new providerMessages.ConfigureErrorMissingKeys();
  for (const key of error.keys) {
    const missing = new providerMessages.ConfigureErrorMissingKeys.MissingKey();
    detail.addMissingkeys(missing.setName(`${packageName}:${key.name}`).setDescription(clean(key.description)));
  }
  const type = 'type.googleapis.com/pulumirpc.ConfigureErrorMissingKeys';
  return withDetail(grpc.status.INVALID_ARGUMENT, clean(error.message), type, detail.serializeBinary());
}

/** gRPC carries a typed detail as a google.rpc.Status in this trailer: https://grpc.io/docs/guides/error/ */
function withDetail(code: grpc.status, text: string, type: string, detail: Uint8Array): Partial<grpc.StatusObject> {
  const any = new anyMessages.Any();
  any.setTypeUrl(type);
  any.setValue(detail);
  const status = new statusMessages.Status().setCode(code).setMessage(text).setDetailsList([any]);
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return { code, details: text, metadata };
}
