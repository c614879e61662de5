import grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js';
import { printableLine } from '../printable.ts';
import type { Redaction } from '../redaction.ts';

export type Severity = 'debug' | 'info' | 'warning';

export interface EngineMessage {
  readonly severity: Severity;
  readonly text: string;
  /** Whose row it belongs to; '' is the stack's. */
  readonly urn: string;
  /** Replaced in place by the next one, where the engine draws a live display. */
  readonly ephemeral: boolean;
}

const severities = {
  debug: engineMessages.LogSeverity.DEBUG,
  info: engineMessages.LogSeverity.INFO,
  warning: engineMessages.LogSeverity.WARNING,
} as const;

/** A message that is not taken within this time is given up: what is said about the work must not hold the work up. */
const deadlineMs = 5_000;

/** The engine's service, as far as it is used here. */
export type EngineClient = Pick<InstanceType<typeof engineServices.EngineClient>, 'log' | 'getChannel' | 'close'>;

/** @param address `127.0.0.1:PORT` */
function connectToEngine(address: string): EngineClient {
  return new engineServices.EngineClient(address, grpc.credentials.createInsecure(), {
    // The engine is on this machine; a proxy meant for the internet would only be in the way.
    'grpc.enable_http_proxy': 0,
    'grpc.max_send_message_length': -1,
  });
}

/**
 * What people see of a run, by way of the engine's own log service: standard output and error of a plugin are hidden.
 * Messages go out in the order in which they were given.
 */
export class EngineLog {
  readonly #redaction: Redaction;
  readonly #connect: (address: string) => EngineClient;
  #client: EngineClient | undefined;
  #address: string | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(redaction: Redaction, connect: (address: string) => EngineClient = connectToEngine) {
    this.#redaction = redaction;
    this.#connect = connect;
  }

  /** @param address `127.0.0.1:PORT`; the first one given holds. */
  connect(address: string): void {
    if (this.#client || address === '') return;
    this.#address = address;
    this.#client = this.#connect(address);
    this.reachable();
  }

  get address(): string | undefined {
    return this.#address;
  }

  /** Whether the connection stands; asking for it also (re)opens it. Undefined: no engine was ever named. */
  reachable(): boolean | undefined {
    return this.#client && this.#client.getChannel().getConnectivityState(true) === grpc.connectivityState.READY;
  }

  send(message: EngineMessage): void {
    const client = this.#client;
    const clean = this.#redaction.presentable(message.text);
    const text = message.ephemeral ? printableLine(clean) : clean;
    if (!client || text.trim() === '') return;
    const request = new engineMessages.LogRequest()
      .setSeverity(severities[message.severity])
      .setMessage(text)
      .setUrn(message.urn)
      .setEphemeral(message.ephemeral);
    this.#tail = this.#tail.then(
      () =>
        new Promise((resolve) => {
          client.log(request, new grpc.Metadata(), { deadline: Date.now() + deadlineMs }, () => resolve());
        }),
    );
  }

  /** Resolves when all that was sent has been taken, or given up. */
  settled(): Promise<void> {
    return this.#tail;
  }

  close(): void {
    this.#client?.close();
  }
}
