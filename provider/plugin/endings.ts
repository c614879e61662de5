import type { Provider } from '../resources/provider.ts';
import type { EngineLog } from './engine-log.ts';
import type { Operations } from './operations.ts';

/** A provider that may not be there yet. */
export interface Stoppable {
  readonly loaded: Pick<Provider, 'summary'> | undefined;
  stop(reason: string): void;
}

/** How what a plugin is doing is ended. */
export interface Endings {
  /** Ends the run: no new writes, what runs returns what it knows. */
  stop(reason: string): Promise<void>;
  /** The protocol's Cancel. Resolves when all has been said. */
  cancel(): Promise<void>;
}

export function endingsOf(provider: Stoppable, operations: Operations, log: EngineLog): Endings {
  // The provider first, so that no operation starts a write between the two.
  const stop = (reason: string): Promise<void> => {
    provider.stop(reason);
    operations.stop(reason);
    return operations.ended();
  };

  let summarised = false;
  return {
    stop,
    // The engine sends Cancel when a person presses Ctrl-C, and also at every normal end of a run.
    async cancel() {
      await stop('the run was stopped');
      // Three processes of this plugin may serve one run: one that reads by the configuration in state, one that is only
      // asked for the schema, one that works by the configuration of now. Only the last has something to sum up.
      if (!summarised && operations.judged > 0) {
        summarised = true;
        // Without a URN it stands with the stack itself, and is still shown when this call is the run's last.
        const text = provider.loaded?.summary().join('\n') ?? '';
        log.send({ severity: 'info', text, urn: '', ephemeral: false });
      }
      await log.settled();
    },
  };
}
