import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import clients from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import statuses from '@pulumi/pulumi/proto/status_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Call } from './fake-provider.ts';

const require = createRequire(import.meta.url);

export type Values = Record<string, unknown>;

/** How a call failed, with what the engine would keep of the resource. */
export class CallFailure extends Error {
  readonly code: number;
  readonly kept: { readonly id: string; readonly properties: Values; readonly reasons: readonly string[] } | undefined;
  constructor(error: grpc.ServiceError) {
    super(error.details);
    this.code = error.code;
    const [details] = error.metadata.get('grpc-status-details-bin');
    const packed = details === undefined ? undefined : statuses.Status.deserializeBinary(details as Buffer);
    const [detail] = packed?.getDetailsList() ?? [];
    if (detail !== undefined) {
      const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      this.kept = {
        id: failed.getId(),
        properties: (failed.getProperties()?.toJavaScript() ?? {}) as Values,
        reasons: failed.getReasonsList(),
      };
    }
  }
}

/** What the fake provider in the host saw. */
export interface SeenInHost {
  readonly calls: readonly Call[];
  readonly configurations: readonly Values[];
  readonly stops: readonly string[];
  readonly isolated: readonly string[];
}

/** Pulumi's own dynamic host, driven as the engine does, in a stack's folder that has the package installed. */
export class DynamicHost {
  readonly folder: string;
  readonly process: ChildProcess;
  /** What the engine would show of it, without the port. */
  output = '';
  readonly #client: InstanceType<typeof clients.ResourceProviderClient>;

  /** @param env added to the host's environment */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<DynamicHost> {
    const folder = mkdtempSync(path.join(tmpdir(), 'mde-dynamic-host-'));
    const installed = path.join(folder, 'node_modules/pulumi-mde');
    mkdirSync(installed, { recursive: true });
    const exports = { './dynamic-provider': './dynamic-provider.cjs' };
    writeFileSync(path.join(installed, 'package.json'), JSON.stringify({ name: 'pulumi-mde', exports }));
    const entry = fileURLToPath(new URL('./fake-entry.ts', import.meta.url));
    writeFileSync(path.join(installed, 'dynamic-provider.cjs'), `module.exports = require(${JSON.stringify(entry)});`);
    const script = require.resolve('@pulumi/pulumi/cmd/dynamic-provider/index.js');
    const child = spawn(process.execPath, [script, '127.0.0.1:1'], {
      cwd: folder,
      env: { ...process.env, ...env, FAKE_SEEN: path.join(folder, 'seen.json'), PULUMI_NODEJS_PROJECT: 'soc' },
      stdio: 'pipe',
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the dynamic host ended with ${code}`)));
      child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
    });
    return new DynamicHost(folder, child, port);
  }

  private constructor(folder: string, child: ChildProcess, port: string) {
    this.folder = folder;
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.output += data.toString();
      });
    }
    this.#client = new clients.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  async configure(config: Values): Promise<void> {
    const request = new messages.ConfigureRequest();
    request.setArgs(structOf(config));
    await this.#call<unknown>((done) => this.#client.configure(request, done));
  }

  async check(olds: Values, news: Values): Promise<{ inputs: Values; failures: readonly string[] }> {
    const request = new messages.CheckRequest();
    request.setOlds(structOf(olds));
    request.setNews(structOf(news));
    const response = await this.#call<InstanceType<typeof messages.CheckResponse>>((done) =>
      this.#client.check(request, done),
    );
    return {
      inputs: (response.getInputs()?.toJavaScript() ?? {}) as Values,
      failures: response.getFailuresList().map((each) => each.getReason()),
    };
  }

  async diff(id: string, olds: Values, news: Values): Promise<{ changes: number; replaces: readonly string[] }> {
    const request = new messages.DiffRequest();
    request.setId(id);
    request.setOlds(structOf(olds));
    request.setNews(structOf(news));
    const response = await this.#call<InstanceType<typeof messages.DiffResponse>>((done) =>
      this.#client.diff(request, done),
    );
    return { changes: response.getChanges(), replaces: response.getReplacesList() };
  }

  async create(news: Values): Promise<{ id: string; properties: Values }> {
    const request = new messages.CreateRequest();
    request.setProperties(structOf(news));
    const response = await this.#call<InstanceType<typeof messages.CreateResponse>>((done) =>
      this.#client.create(request, done),
    );
    return { id: response.getId(), properties: (response.getProperties()?.toJavaScript() ?? {}) as Values };
  }

  async read(id: string, properties: Values): Promise<{ id: string; properties: Values }> {
    const request = new messages.ReadRequest();
    request.setId(id);
    request.setProperties(structOf(properties));
    const response = await this.#call<InstanceType<typeof messages.ReadResponse>>((done) =>
      this.#client.read(request, done),
    );
    return { id: response.getId(), properties: (response.getProperties()?.toJavaScript() ?? {}) as Values };
  }

  async delete(id: string, properties: Values): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setId(id);
    request.setProperties(structOf(properties));
    await this.#call<unknown>((done) => this.#client.delete(request, done));
  }

  /** What reached the provider in the host so far. */
  seen(): SeenInHost {
    const file = path.join(this.folder, 'seen.json');
    if (!existsSync(file)) return { calls: [], configurations: [], stops: [], isolated: [] };
    return JSON.parse(readFileSync(file, 'utf8')) as SeenInHost;
  }

  /** Ends the host and removes its folder. */
  async stop(): Promise<void> {
    this.#client.close();
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #call<T>(start: (done: (error: grpc.ServiceError | null, response: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) =>
      start((error, response) => (error === null ? resolve(response) : reject(new CallFailure(error)))),
    );
  }
}

function structOf(values: Values) {
  return structs.Struct.fromJavaScript(values as Parameters<typeof structs.Struct.fromJavaScript>[0]);
}
