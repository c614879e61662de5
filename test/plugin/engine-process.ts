/**
 * An engine to be killed: starts the plugin, directly or through a shell that does not `exec`, lets it write without
 * end to the URL given, and prints the plugin's process id.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import { FakeEngine, urnOf } from './fake-engine.ts';
import { toStruct } from './structs.ts';

const [url = '', throughShell] = process.argv.slice(2);
const engine = await new FakeEngine().start();
const script = fileURLToPath(new URL('./fake-plugin.ts', import.meta.url));
const command = [process.execPath, script, engine.address];
const plugin =
  throughShell === 'true'
    ? spawn('/bin/sh', ['-c', '"$0" "$@"; exit $?', ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
    : spawn(process.execPath, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
const port = await new Promise<string>((resolve) => plugin.stdout.setEncoding('utf8').once('data', resolve));
const client = new providerServices.ResourceProviderClient(
  `127.0.0.1:${port.trim()}`,
  grpc.credentials.createInsecure(),
);
client.configure(new messages.ConfigureRequest().setArgs(toStruct({})).setName('default'), () => {
  const request = new messages.CreateRequest().setUrn(urnOf('pc')).setProperties(toStruct({ behave: 'beat', url }));
  client.create(request, () => undefined);
});
const { text } = await engine.logged((message) => message.text.startsWith('beat '));
console.log(text.slice('beat '.length));
