/**
 * What states name as `pulumi-mde/dynamic-provider`: its exports are the provider that Pulumi's dynamic host calls. The
 * path and these names stay as they are for as long as there are states that name them.
 */
import { createProvider } from '../resources/create-provider.ts';
import { watchEngine } from './engine-watch.ts';
import { dynamicProvider } from './provider.ts';

const engine = new AbortController();
watchEngine(() => engine.abort());

/** Nobody reads the output of a host whose engine is gone, and writing to a closed pipe fails. */
const whileRead = (write: (line: string) => void) => (line: string) => {
  if (!engine.signal.aborted) write(line);
};

const provider = dynamicProvider({
  createProvider,
  output: { out: whileRead(console.log), error: whileRead(console.error), now: () => performance.now() },
  engineGone: engine.signal,
});

export const { configure, check, diff, create, read, update } = provider;
const deleteResource = provider.delete;

export { deleteResource as delete };
