import { runPlugin } from '../../provider/plugin/run-plugin.ts';
import { fakeSchema } from './fake-schema.ts';

// The plugin's process as it is, with the fake provider behind it.
void runPlugin({
  schema: fakeSchema,
  version: '1.2.3',
  loadProvider: async () => (await import('./fake-provider.ts')).createProvider(),
});
