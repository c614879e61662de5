import type { Among } from '../machine-isolation/among.ts';
import { type RemovedBy, removeHost } from '../machine-isolation/remove.ts';
import type { OperationContext } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { hostContext } from './host-context.ts';
import type { KnownHost } from './known-host.ts';
import { SetTime } from './set-time.ts';
import type { HostFailure, Told } from './told.ts';
import { inTurn } from './turns.ts';

const width = 32;

export interface AllRemoved {
  /** Hosts that stay in state. */
  readonly staying: readonly KnownHost[];
  /** Of these, those that the configuration holds: no failure (semantics 8.6). */
  readonly held: readonly string[];
  readonly failures: readonly HostFailure[];
}

/** Lets go hosts that are declared no more, within ownership and guardrails; a host that is not released stays in state. */
export async function removeAll(
  context: OperationContext,
  removed: readonly KnownHost[],
  told: Told,
  runtime: Runtime,
  by: RemovedBy = 'update',
): Promise<AllRemoved> {
  if (removed.length === 0) return { staying: [], held: [], failures: [] };
  const { gate } = runtime.fleet;
  // Another resource of this run may still claim a host that has left this one (semantics 6.4).
  const isQuiet = by === 'delete' || runtime.settings.holdReleases || (await gate.quiet(context.signal));
  if (!isQuiet) {
    const reason =
      'not released: the run was cancelled before it was decided. It stays isolated and in state; run again';
    return { staying: removed, held: [], failures: removed.map(({ key }) => ({ host: key, reason })) };
  }
  const staying: KnownHost[] = [];
  const held: string[] = [];
  const failures: HostFailure[] = [];
  const time = new SetTime(runtime, removed.length, context.timeoutMs);
  let released = 0;
  await inTurn(removed, width, async (known, waits) => {
    const among: Among = {
      lookedSince: () => time.lookedSince(),
      priority: 0,
      startBy: time.runEnds(),
      remaining: () => time.remaining(),
      wrote: () => time.wrote(),
      waits,
      did: undefined,
    };
    const own = hostContext(context, known.key, told.log, among);
    try {
      const removal = await removeHost(own, known.machineId, known.state, known.declared.inputs, runtime, by);
      if (removal.kind === 'gone') {
        released += 1;
        context.log.status(`${released}/${removed.length} let go`);
        return;
      }
      staying.push(known);
      if (removal.kind === 'held') held.push(known.key);
      if (removal.kind === 'failed' || removal.kind === 'refused' || by === 'delete')
        failures.push({ host: known.key, reason: removal.reason });
    } catch (error) {
      staying.push(known);
      const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      failures.push({ host: known.key, reason: `not released: unexpected: ${first}` });
    } finally {
      time.settled();
    }
  });
  return { staying, held, failures };
}
