import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { type PluginUnderTest, startPlugin, urnOf } from '../plugin/fake-engine.ts';
import { secret, toStruct } from '../plugin/structs.ts';
import { anyMap, damaged, methods, requestBytes } from './structs.ts';
import type { Opened, Target } from './target.ts';
import { acting, anyText, distorted, hostileTexts } from './texts.ts';

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));
const id = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const asset = { [signatureKey]: signatures.asset, hash: 'x', text: 'y' };
const output = { [signatureKey]: signatures.outputValue, value: 'x', secret: true, dependencies: [] };

/** What is declared of each resource; in the tenant there is no machine. */
const declared: Readonly<Record<string, Record<string, unknown>>> = {
  'mde:index:MachineIsolation': { machineId: id, comment: 'INC-1', releaseAt: '2030-01-01T00:00:00Z' },
  'mde:index:CodeExecutionRestriction': { machineId: id, comment: 'INC-1' },
  'mde:index:Quarantine': { manifest: 'version: 1\ncomment: x\nhosts: []\n', guardrails: { maxReleases: 1 } },
  'mde:index:FileQuarantine': { sha1, machineIds: [id], comment: 'INC-1' },
  'mde:index:FileIndicator': { indicatorValue: sha1, action: 'Block', title: 't', description: 'd' },
  'mde:index:AntivirusScan': { machineId: id, comment: 'INC-1', triggers: { a: 'b' } },
  'mde:index:InvestigationPackage': { deviceName: 'pc-1', comment: 'INC-1' },
};
const functions = ['getMachine', 'getMachines', 'getIsolation', 'getIsolatedMachines', 'getMachineActions', 'x'];

const odd = fc.constantFrom<unknown>(
  asset,
  output,
  secret('x'),
  secret(secret(1)),
  secret({ a: [unknownString] }),
  unknownString,
  [unknownString],
  { a: unknownString },
);
const properties = fc
  .constantFrom(...Object.values(declared))
  .chain((map) =>
    fc.oneof(
      distorted(map),
      fc.tuple(fc.constantFrom(...Object.keys(map)), odd).map(([name, value]) => ({ ...map, [name]: value })),
      anyMap,
    ),
  )
  .filter(canBeSent);
const type = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...Object.keys(declared)) }, anyText);

/** A request as an engine would build it, of whatever it holds. */
const typed = fc
  .record({
    type,
    a: properties,
    b: properties,
    c: properties,
    id: fc.oneof(fc.constant(id), anyText),
    preview: fc.boolean(),
    tok: fc.oneof(fc.constantFrom(...functions), anyText),
    pick: fc.nat({ max: 7 }),
  })
  .map(({ type: token, a, b, c, id: given, preview, tok, pick }): readonly [string, Uint8Array] => {
    const urn = urnOf('q', token).toWellFormed();
    const [x, y, z, name] = [toStruct(a), toStruct(b), toStruct(c), given.toWellFormed()];
    switch (pick) {
      case 0:
        return ['check', new messages.CheckRequest().setUrn(urn).setOlds(x).setNews(y).serializeBinary()];
      case 1:
        return [
          'diff',
          new messages.DiffRequest().setUrn(urn).setId(name).setOlds(x).setOldInputs(y).setNews(z).serializeBinary(),
        ];
      case 2:
        return [
          'create',
          new messages.CreateRequest().setUrn(urn).setProperties(x).setPreview(preview).serializeBinary(),
        ];
      case 3:
        return [
          'read',
          new messages.ReadRequest().setUrn(urn).setId(name).setProperties(x).setInputs(y).serializeBinary(),
        ];
      case 4:
        return [
          'update',
          new messages.UpdateRequest()
            .setUrn(urn)
            .setId(name)
            .setOlds(x)
            .setOldInputs(y)
            .setNews(z)
            .setPreview(preview)
            .serializeBinary(),
        ];
      case 5:
        return [
          'delete',
          new messages.DeleteRequest().setUrn(urn).setId(name).setProperties(x).setOldInputs(y).serializeBinary(),
        ];
      case 6:
        return [
          'invoke',
          new messages.InvokeRequest().setTok(`mde:index:${tok}`.toWellFormed()).setArgs(x).serializeBinary(),
        ];
      default:
        return ['checkConfig', new messages.CheckRequest().setUrn(urn).setNews(x).serializeBinary()];
    }
  });

/** Of any method but those that end the run or change whom all others speak to. */
const raw = fc.tuple(
  fc.constantFrom(
    ...methods.map(([name]) => name).filter((name) => !['cancel', 'configure', 'attach', 'handshake'].includes(name)),
  ),
  damaged(requestBytes),
);
const configuring = fc.tuple(
  fc.constantFrom('checkConfig', 'diffConfig', 'configure'),
  fc.oneof(
    damaged(requestBytes),
    distorted({
      tenantId: 't',
      clientId: 'c',
      clientSecret: secret('s3cr3t-value'),
      apiUrl: 'https://localhost:1',
      guardrails: '{"maxReleases":1}',
    })
      .filter(canBeSent)
      .map((args) => new messages.ConfigureRequest().setArgs(toStruct(args)).serializeBinary()),
  ),
);

const patienceMs = 20_000;
/** What the library says by itself of bytes that it could not read. */
const undecodable = /^Error deserializing request/;

/** A plugin's process, which answers every call in words for people, and goes on. */
function pluginTarget(name: string, short: number, calls: fc.Arbitrary<readonly [string, Uint8Array]>): Target {
  return {
    name,
    short,
    cost: 10,
    async open(): Promise<Opened> {
      const simulator = await startSimulator({
        speed: 3_600,
        machines: 0,
        limits: { perMinute: 1_000_000, perHour: 1_000_000 },
      });
      const plugin = await started(simulator);
      const client = new grpc.Client(`127.0.0.1:${plugin.port}`, grpc.credentials.createInsecure());
      const property = fc.asyncProperty(calls, async ([method, bytes]) => {
        const error = await called(client, method, bytes);
        if (error !== undefined) {
          expect(error.code, `${method}: ${error.details}`).not.to.equal(grpc.status.DEADLINE_EXCEEDED);
          expect(error.code, error.details).not.to.equal(grpc.status.UNAVAILABLE);
          expect(error.details).to.match(/\S/);
          expect(error.details.replace(/[\n\t]/g, '')).not.to.match(acting);
          expect(error.details, 'a stack trace').not.to.match(/^\s+at .+:\d+/m);
          expect(error.details, 'an error that nobody foresaw').not.to.match(/^unexpected: /);
          if (error.code === grpc.status.INTERNAL || error.code === grpc.status.UNKNOWN)
            expect(error.details).to.match(undecodable);
        }
        expect(plugin.exited, 'the plugin is gone').to.equal(false);
      });
      return {
        property,
        async close() {
          client.close();
          const { stderr, stdout } = plugin.printed;
          const texts = plugin.logs.map(({ text }) => text).join('\n');
          await plugin.dispose();
          const actions = simulator.control.actions();
          await simulator.stop();
          expect(stderr).to.equal('');
          expect(stdout).to.match(/^\d+\n$/);
          expect(texts.replace(/[\n\t]/g, '')).not.to.match(acting);
          expect(actions, 'what was asked of machines that are not there').to.deep.equal([]);
        },
      };
    },
  };
}

/** Bytes on the socket that are no HTTP/2 at all: whoever sends them is hung up on, and the others are served. */
const socketTarget: Target = {
  name: 'plugin-socket',
  short: 60,
  cost: 40,
  async open(): Promise<Opened> {
    const plugin = await startPlugin();
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([preface, bytes])),
      fc
        .array(
          fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 255 }), fc.nat({ max: 5 }), fc.uint8Array({ maxLength: 30 })),
          { maxLength: 10 },
        )
        .map((list) =>
          Buffer.concat([
            preface,
            ...list.map(([kind, flags, stream, body]) =>
              Buffer.concat([Buffer.from([0, 0, body.length, kind, flags, 0, 0, 0, stream]), body]),
            ),
          ]),
        ),
      fc.constantFrom(...hostileTexts).map((text) => Buffer.from(`GET /${text} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    );
    const property = fc.asyncProperty(frames, async (bytes) => {
      await new Promise<void>((resolve) => {
        const socket = createConnection(plugin.port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => {}).on('close', () => resolve());
        socket.resume();
      });
      expect(await plugin.pluginInfo()).to.equal('1.2.3');
    });
    return { property, close: () => plugin.dispose() };
  },
};

export const pluginTargets = [
  pluginTarget('plugin-bytes', 800, raw),
  pluginTarget('plugin-requests', 500, typed),
  pluginTarget('plugin-configuration', 300, configuring),
  socketTarget,
];

function started(simulator: Simulator): Promise<PluginUnderTest> {
  const { apiUrl, authorityHost, credentials } = simulator;
  const { clientSecret, ...known } = credentials;
  return startPlugin({
    script,
    type: 'mde:index:Quarantine',
    env: { NODE_EXTRA_CA_CERTS: simulator.environment().NODE_EXTRA_CA_CERTS ?? '' },
    config: {
      ...known,
      apiUrl,
      authorityHost,
      clientSecret: secret(clientSecret),
      rateLimits: { perMinute: 100_000, perHour: 10_000_000 },
    },
  });
}

function called(client: grpc.Client, method: string, bytes: Uint8Array): Promise<grpc.ServiceError | undefined> {
  const path = `/pulumirpc.ResourceProvider/${method.charAt(0).toUpperCase()}${method.slice(1)}`;
  const options = { deadline: Date.now() + patienceMs };
  return new Promise((resolve) => {
    const same = (given: Uint8Array) => Buffer.from(given);
    if (method === 'list') {
      const stream = client.makeServerStreamRequest(path, same, (answer) => answer, bytes, options);
      stream
        .on('data', () => {})
        .on('end', () => resolve(undefined))
        .on('error', (error) => resolve(error as grpc.ServiceError));
      return;
    }
    client.makeUnaryRequest(
      path,
      same,
      (answer) => answer,
      bytes,
      options,
      (error) => resolve(error ?? undefined),
    );
  });
}

/** The protocol knows no other numbers, and texts are UTF-8. */
function canBeSent(map: Record<string, unknown>): boolean {
  try {
    toStruct(map).serializeBinary();
    return true;
  } catch {
    return false;
  }
}
