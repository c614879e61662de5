import type { Provider } from '../resources/provider.ts';
import { type DynamicProvider, dynamicProvider } from './adapter.ts';
import { watchEngine } from './engine-watch.ts';

/** The dynamic provider in its host's process: writes to its output, and stops when the engine is gone. */
export function serve(createProvider: () => Provider): DynamicProvider {
  const engine = new AbortController();
  watchEngine(() => engine.abort());

  /** Nobody reads the output of a host whose engine is gone, and writing to a closed pipe fails. */
  const whileRead = (write: (line: string) => void) => (line: string) => {
    if (!engine.signal.aborted) write(line);
  };
  return dynamicProvider({
    createProvider,
    output: { out: whileRead(console.log), error: whileRead(console.error), now: () => performance.now() },
    engineGone: engine.signal,
  });
}
