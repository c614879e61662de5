import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, shown, type World } from './world.ts';

/** One in each property that a program can make secret; each is to be recognised wherever it turns up. */
const planted = {
  comment: 'planted~comment on a suspect',
  deviceName: 'planted-host.contoso.com',
  manifestHost: 'planted-patient-zero.contoso.com',
  inlineHost: 'planted-inline.contoso.com',
  ownerKey: 'planted~owner.key',
  certificatePassword: 'planted~password.of-the-key',
  proxyPassword: 'planted~p@ssword',
  requestToken: 'planted-request-token',
};

/** How tokens begin, and what signs the link to an investigation package. */
const beginnings = ['eyJ0', 'eyJh', 'sig='];

/** A call as the engine's own debug log of gRPC has it: one JSON object a line. */
interface LoggedCall {
  readonly method: string;
  readonly response: unknown;
  readonly errors?: unknown;
}

/** With -v=9 the engine tells every message to and from every provider, secrets in clear; no provider can change that. */
const isMessageOfEngine = /^\{"time":"[^"]+","level":"INFO","msg":"(?:M|Unm)arshaling property for RPC\[/;

describe('secrets planted in every input, on the real engine', () => {
  let world: World;
  let clientSecret: string;
  let grpcLog: string;
  const shownBefore: string[] = [];
  const secrets = () => [clientSecret, ...Object.values(planted), encodeURIComponent(planted.proxyPassword)];

  /** `text` has none of them; what would be printed names the place and not the secret. */
  const expectNone = (text: string, where: string) => {
    for (const secret of [...secrets(), ...beginnings]) {
      expect(text.includes(secret), `${where} holds a secret that begins with ${secret.slice(0, 12)}`).to.equal(false);
    }
  };
  const pulumi = async (...args: string[]) => {
    const env = {
      PULUMI_DEBUG_GRPC: grpcLog,
      // For --event-log.
      PULUMI_DEBUG_COMMANDS: '1',
      AZURE_CLIENT_SECRET: '',
      AZURE_CLIENT_ID: '',
      AZURE_TENANT_ID: '',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: planted.requestToken,
      HTTPS_PROXY: `http://user:${encodeURIComponent(planted.proxyPassword)}@127.0.0.1:1`,
      NO_PROXY: '127.0.0.1',
    };
    const run = await world.pulumi(args, { env });
    shownBefore.push(shown(run));
    return run;
  };
  const secret = (value: unknown) => ({ 'fn::secret': value });

  before(async () => {
    world = await makeWorld({ machines: 0 });
    ({ clientSecret } = world.simulator.credentials);
    grpcLog = join(world.simulator.environment().NODE_EXTRA_CA_CERTS ?? '', '..', 'grpc.json');
    const { control } = world;
    for (const name of [planted.deviceName, planted.manifestHost, planted.inlineHost, 'plain.contoso.com'])
      control.addMachine({ computerDnsName: name });
    const { tenantId, clientId } = world.simulator.credentials;
    const plain = control.machine('plain.contoso.com').id;
    const comment = secret(planted.comment);
    world.declare(
      {
        one: { properties: { deviceName: secret(planted.deviceName), comment } },
        restricted: {
          type: 'mde:index:CodeExecutionRestriction',
          properties: { deviceName: secret(planted.deviceName), comment },
        },
        manifest: {
          type: 'mde:index:Quarantine',
          properties: {
            manifest: secret(`version: 1\nhosts: [{ deviceName: ${planted.manifestHost}, comment: INC-1 }]\n`),
            comment,
          },
        },
        inline: {
          type: 'mde:index:Quarantine',
          properties: { hosts: [{ deviceName: secret(planted.inlineHost) }], comment },
        },
        file: {
          type: 'mde:index:FileQuarantine',
          properties: { sha1: '87662bc3d60e4200ceaf7aae249d1c343f4b83c9', machineIds: [plain], comment },
        },
        scan: { type: 'mde:index:AntivirusScan', properties: { machineId: plain, comment } },
        package: { type: 'mde:index:InvestigationPackage', properties: { machineId: plain, comment } },
        indicator: {
          type: 'mde:index:FileIndicator',
          properties: {
            indicatorValue: 'ab'.repeat(32),
            action: 'Block',
            title: 'of a case',
            description: comment,
          },
        },
      },
      { tenantId, clientId },
    );
    const config = { clientSecret, clientCertificatePassword: planted.certificatePassword, ownerKey: planted.ownerKey };
    const pairs = Object.entries(config).flatMap(([key, value]) => ['--secret', `mde:${key}=${value}`]);
    succeeded(await world.pulumi(['config', 'set-all', ...pairs]));
  });
  after(() => world.end());

  it('up with all that the engine can log, refresh and a failing run send and keep what they should', async () => {
    const events = join(world.folder, '..', 'events.json');
    const logged = ['--logtostderr', '--logflow', '-v=9', '--event-log', events];
    tells(succeeded(await pulumi('up', '--yes', '--skip-preview', '--diff', ...logged)), 'isolated: ');
    for (const name of [planted.deviceName, planted.manifestHost, planted.inlineHost])
      expect(world.isIsolated(name)).to.equal(true);
    succeeded(await pulumi('preview', '--json', '--expect-no-changes'));
    world.control.expireSecrets(world.simulator.credentials.clientId);
    tells(failed(await pulumi('up', '--yes', '--skip-preview', '--refresh')), 'AADSTS7000222');
    expect(readFileSync(events, 'utf8')).to.contain('"summaryEvent"');
  });

  it('no output holds one, but for the lines in which the engine itself tells its messages with -v=9', () => {
    for (const [at, text] of shownBefore.entries()) {
      const lines = text.split('\n').filter((line) => !isMessageOfEngine.test(line));
      expectNone(lines.join('\n'), `the output of run ${at + 1}`);
    }
    expect(shownBefore[0]).to.match(new RegExp(isMessageOfEngine, 'm'));
  });

  it('no file of the state, its history and backups, the event log or the home holds one', () => {
    const files = filesBelow(world.engine.folder);
    const names = files.map((file) => relative(world.engine.folder, file));
    for (const part of [/stacks\/.*\.json$/, /\.bak$/, /history\/.*checkpoint\.json$/, /^events\.json$/])
      expect(
        names.filter((name) => part.test(name)),
        String(part),
      ).to.not.deep.equal([]);
    // The program itself holds what was planted in clear.
    for (const file of files.filter((each) => !each.endsWith('/Pulumi.yaml')))
      expectNone(readFileSync(file, 'latin1'), relative(world.engine.folder, file));
  });

  it('of what the plugin answers the engine, no error holds one, and no message but as a secret', () => {
    const calls = readFileSync(grpcLog, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LoggedCall);
    const methods = new Set(calls.map(({ method }) => method.split('/').at(-1)));
    for (const method of ['CheckConfig', 'Configure', 'Check', 'Diff', 'Create', 'Read', 'Update'])
      expect(methods.has(method), method).to.equal(true);
    // The engine hands settings over in clear, and marks in state again those that were set with --secret.
    const setting = `"ownerKey":${JSON.stringify(planted.ownerKey)}`;
    for (const { method, response, errors } of calls) {
      if (!method.includes('.ResourceProvider/')) continue;
      expectNone(JSON.stringify(errors ?? []), `an error of ${method}`);
      expectNone(JSON.stringify(withoutSecrets(response) ?? null).replace(setting, ''), `an answer of ${method}`);
    }
    // Or the above would prove nothing.
    const answers = JSON.stringify(calls.map(({ response }) => response));
    for (const value of [planted.deviceName, planted.comment, planted.manifestHost, 'sig='])
      expect(answers).to.contain(value);
  });
});

/** A message as JSON, less what is marked as secret. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if ((value as Record<string, unknown>)[signatureKey] === signatures.secret) return 'a secret';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each)]));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
