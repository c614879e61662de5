import manifest from '../../package.json' with { type: 'json' };
import schema from '../../schema/schema.json' with { type: 'json' };
import type { PackageSchema } from './package-schema.ts';
import { runPlugin } from './run-plugin.ts';
import { keepHeapSmall } from './small-heap.ts';

keepHeapSmall();

// What is imported here delays the port. The heavy part (the credentials, the client) comes with the provider, after it.
void runPlugin({
  schema: schema as unknown as PackageSchema,
  version: manifest.version,
  loadProvider: async () => (await import('../resources/create-provider.ts')).createProvider(),
});
