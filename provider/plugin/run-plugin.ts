import grpc from '@grpc/grpc-js';
import { processSigns, watchEngine } from '../engine-watch.ts';
import { environmentSecrets, withoutEnvironmentInReports } from '../environment-secrets.ts';
import { firstLineOf } from '../error-kind.ts';
import { printableLine } from '../printable.ts';
import { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import { parseArguments } from './arguments.ts';
import { takeCurrentConfiguration } from './current-configuration.ts';
import { endingsOf } from './endings.ts';
import { EngineLog } from './engine-log.ts';
import { Operations } from './operations.ts';
import type { PackageSchema } from './package-schema.ts';
import { createService } from './service.ts';
import { choosePace, engineProcess } from './status-pace.ts';
import { redactStderr, sealStdout } from './streams.ts';

export interface PluginOptions {
  readonly schema: PackageSchema;
  readonly version: string;
  /** Loads and makes the provider. Called once, right after the port was told, so that it overlaps the handshake. */
  readonly loadProvider: () => Promise<Provider>;
}

/** A signal's work is done within this time, in milliseconds: the engine kills what lasts longer than 5 s. */
const signalGraceMs = 4_500;

/** So long the last answers may take to leave, in milliseconds. */
const farewellMs = 300;

/**
 * The whole life of a plugin process: tell the port on standard output (one line, and never anything else), serve
 * until the engine ends us, and end by ourselves where the engine is gone.
 */
export async function runPlugin(options: PluginOptions): Promise<void> {
  const current = takeCurrentConfiguration(process.env);
  const redaction = new Redaction();
  redaction.add(environmentSecrets(process.env));
  redactStderr(redaction);
  withoutEnvironmentInReports();
  const { engineAddress } = parseArguments(process.argv.slice(2));
  const log = new EngineLog(redaction);
  const paceMs = choosePace(engineProcess(process.ppid), process.env);
  const operations = new Operations({ log, paceMs });
  const provider = new LazyProvider(options.loadProvider);

  const { stop, cancel } = endingsOf(provider, operations, log);
  const load = () => provider.get();
  const abandoned = () => void stop('the engine took its call back');
  const server = createService({ ...options, current, load, operations, log, redaction, cancel, abandoned });

  let leaving = false;
  const leave = async (): Promise<void> => {
    if (leaving) return;
    leaving = true;
    setTimeout(() => process.exit(0), signalGraceMs).unref();
    await stop('the run was stopped');
    provider.loaded?.close();
    setTimeout(() => process.exit(0), farewellMs);
    server.tryShutdown(() => process.exit(0));
  };
  process.on('SIGINT', () => void leave());
  process.on('SIGTERM', () => void leave());

  const complain = (error: unknown): void => {
    const text = printableLine(firstLineOf(error));
    process.stderr.write(`unexpected error inside the provider: ${text}\n`);
    log.send({ severity: 'warning', text: `unexpected error inside the provider: ${text}`, urn: '', ephemeral: false });
  };
  process.on('unhandledRejection', complain);
  process.on('uncaughtException', (error) => {
    complain(error);
    // Nobody knows what this left half done: nothing more is written, and what runs returns what it knows.
    void stop('an unexpected error inside the provider');
  });

  process.stdout.write(`${await bind(server)}\n`);
  sealStdout();
  provider.get().catch(() => undefined);
  if (engineAddress === undefined) return;
  log.connect(engineAddress);
  watchEngine(
    processSigns(() => log.reachable()),
    () => {
      // Nobody is left to answer to. What is on its way cannot be called back; nothing else goes out.
      void stop('the engine is gone');
      process.exit(0);
    },
  );
}

/** The provider, loaded when it is first asked for, and once. */
class LazyProvider {
  readonly #load: () => Promise<Provider>;
  #loading: Promise<Provider> | undefined;
  #stopReason: string | undefined;
  /** Undefined until it is there; what was never loaded was never asked for anything, and has nothing to end. */
  loaded: Provider | undefined;

  constructor(load: () => Promise<Provider>) {
    this.#load = load;
  }

  get(): Promise<Provider> {
    this.#loading ??= this.#load().then((provider) => {
      this.loaded = provider;
      if (this.#stopReason !== undefined) provider.stop(this.#stopReason);
      return provider;
    });
    return this.#loading;
  }

  stop(reason: string): void {
    this.#stopReason ??= reason;
    this.loaded?.stop(reason);
  }
}

function bind(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}
