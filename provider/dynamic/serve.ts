import { processSigns, watchEngine } from '../engine-watch.ts';
import { environmentSecrets } from '../environment-secrets.ts';
import { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import { type DynamicProvider, dynamicProvider } from './adapter.ts';

/** How long operations have to end once the engine is gone. The engine itself gives a host five seconds. */
const graceMs = 3_000;

/**
 * The dynamic provider in its host's process: writes to its output, and stops when the engine is gone. The host then
 * ends as well, since nobody can reach it any more and it would stay for good.
 */
export function serve(createProvider: () => Provider): DynamicProvider {
  const engine = new AbortController();
  const redaction = new Redaction();
  redaction.add(environmentSecrets(process.env));
  let provider: Provider | undefined;
  watchEngine(processSigns(), () => {
    engine.abort();
    setTimeout(() => process.exit(1), graceMs).unref();
  });

  // The engine interrupts a host at the end of every run and shows what it still writes: the place for the run's
  // summary, since the protocol's own last call does not reach a dynamic provider.
  process.once('SIGINT', () => {
    for (const line of provider?.summary() ?? []) console.log(redaction.presentable(line));
    engine.abort();
    // Ends the process, unless somebody else in it wants to have a say.
    process.kill(process.pid, 'SIGINT');
  });

  /** Nobody reads the output of a host whose engine is gone, and writing to a closed pipe fails. */
  const whileRead = (write: (line: string) => void) => (line: string) => {
    if (!engine.signal.aborted) write(line);
  };
  return dynamicProvider({
    createProvider: () => {
      provider = createProvider();
      return provider;
    },
    output: { out: whileRead(console.log), error: whileRead(console.error) },
    redaction,
    engineGone: engine.signal,
  });
}
