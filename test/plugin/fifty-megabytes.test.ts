import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import { expect } from 'chai';
import { createDefender } from '../../provider/defender/client.ts';
import { dynamicProvider } from '../../provider/dynamic/adapter.ts';
import { providerText } from '../../provider/dynamic/hidden-inputs.ts';
import { Redaction } from '../../provider/redaction.ts';
import { createProvider } from '../../provider/resources/create-provider.ts';
import { startSimulator } from '../../simulator/start.ts';
import { CallFailed, startPlugin, urnOf } from './fake-engine.ts';
import { secret, toStruct } from './structs.ts';

const megabytes = 50;
/** Of a manifest that would declare the host, if anybody read as far. */
const text = (machineId: string) => {
  const line = `  - machineId: ${machineId}\n`;
  return `version: 1\ncomment: INC-1\nhosts:\n${line.repeat(Math.ceil((megabytes * 1024 * 1024) / line.length))}`;
};
const tooLong = /longer than \d+ (?:Mi|Ki) characters|larger than \d+ MiB/;
/** Nobody waits longer, ms of the processor's time. Far from what is taken, since the machine may be small. */
const mostMs = 5_000;

describe('a manifest of fifty megabytes', function () {
  this.timeout(60_000);
  const script = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

  it('is refused by the command line, with less memory than it has itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mde-fifty-'));
    try {
      const file = join(folder, 'quarantine.yaml');
      writeFileSync(file, text('0'.repeat(40)));
      const run = (...args: readonly string[]) =>
        new Promise<{ code: number; out: string; err: string }>((resolve) => {
          execFile(process.execPath, ['--max-old-space-size=48', script('cli/main.ts'), ...args], (error, out, err) =>
            resolve({ code: error === null ? 0 : Number(error.code), out, err }),
          );
        });
      const { code, out } = await run('validate', file);
      expect(out).to.match(tooLong).and.to.contain('quarantine.yaml');
      expect(out.length).to.be.below(1_000);
      expect(code).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused by the plugin: nothing is sent, nobody is released in that run, and the plugin goes on', async () => {
    const simulator = await startSimulator({ speed: 3_600 });
    const { apiUrl, authorityHost, credentials } = simulator;
    const { clientSecret, ...known } = credentials;
    const plugin = await startPlugin({
      script: script('provider/plugin/main.ts'),
      type: 'mde:index:Quarantine',
      env: { NODE_EXTRA_CA_CERTS: simulator.caPath, NODE_OPTIONS: '--max-old-space-size=256' },
      config: { ...known, apiUrl, authorityHost, clientSecret: secret(clientSecret) },
    });
    try {
      const { id } = simulator.control.addMachine({ computerDnsName: 'pc-1.contoso.com' });
      const small = { manifest: 'version: 1\ncomment: INC-1\nhosts:\n  - deviceName: pc-1.contoso.com\n' };
      const { inputs } = await plugin.check('fleet', small);
      const { id: fleet, properties } = await plugin.create('fleet', inputs);
      expect(simulator.control.machine(id).isolation.isolated).to.equal(true);
      const before = simulator.control.actions().length;

      const check = new messages.CheckRequest()
        .setUrn(urnOf('fleet', 'mde:index:Quarantine'))
        .setOlds(toStruct(inputs));
      const answer = await sent(plugin.port, Buffer.concat([check.serializeBinary(), newsOf(text(id))]));
      // What the plugin says stands before what it gives back.
      const told = answer.subarray(0, 1_000).toString();
      expect(told).to.match(tooLong).and.to.contain('manifest');
      // What cannot be read may mean any machine (semantics 6.4).
      const request = new messages.DeleteRequest()
        .setUrn(urnOf('other', 'mde:index:Quarantine'))
        .setId(fleet)
        .setProperties(toStruct(properties))
        .setOldInputs(toStruct(inputs));
      const error = await plugin.raw('delete', request).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(CallFailed);
      expect(simulator.control.actions(), 'requests').to.have.length(before);
      expect(simulator.control.machine(id).isolation.isolated).to.equal(true);
      expect((await plugin.check('fleet', small, inputs)).failures).to.deep.equal([]);
    } finally {
      await plugin.dispose();
      await simulator.stop();
    }
  });

  it('is refused by the dynamic provider, in little time', async () => {
    const provider = dynamicProvider({
      createProvider: () =>
        // Nobody is asked: nothing listens there.
        createProvider(() => createDefender({ apiUrl: 'https://localhost:1', authorityHost: 'https://localhost:1' })),
      output: { out: () => {}, error: () => {} },
      redaction: new Redaction(),
      engineGone: new AbortController().signal,
    });
    await provider.configure({ config: { get: () => undefined } });
    const type = 'mde:index:Quarantine';
    const declaration = { project: 'soc', stack: 'dev', type, name: 'fleet', key: 'urn:pulumi:dev::soc::x::fleet' };
    const news = { manifest: text('0'.repeat(40)), __provider: providerText, __declaration: declaration };
    const before = process.cpuUsage();
    const { failures } = await provider.check({}, news);
    const { user, system } = process.cpuUsage(before);
    const told = failures.map(({ reason }) => reason).join('\n');
    expect(told).to.match(tooLong);
    expect(told.length).to.be.below(1_000);
    expect((user + system) / 1_000, 'ms').to.be.below(mostMs);
  });
});

/** The inputs of a CheckRequest as the engine writes them; the library of the tests takes many times as long. */
function newsOf(manifest: string): Buffer {
  const value = field(3, Buffer.from(manifest));
  return field(3, field(1, Buffer.concat([field(1, Buffer.from('manifest')), field(2, value)])));
}

function field(number: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  for (let left = bytes.length; length.length === 0 || left > 0; left >>>= 7)
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

function sent(port: number, bytes: Buffer): Promise<Buffer> {
  const most = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), most);
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(
      '/pulumirpc.ResourceProvider/Check',
      (request: Buffer) => request,
      (answer: Buffer) => answer,
      bytes,
      (error, answer) =>
        error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error('no answer')),
    );
  }).finally(() => client.close());
}
