import { setTimeout as pause } from 'node:timers/promises';
import type { EngineRun } from '../../../tools/engine-env.ts';
import { succeeded, tells } from '../../engine/outcome.ts';
import { until } from '../../engine/until.ts';
import { shown } from '../../engine/world.ts';
import { Broken } from '../broken.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { type SmallStack, smallRow } from './small-stack.ts';

/** Long enough to be interrupted meanwhile, in simulated seconds. */
const slowly = { Isolate: 1_800, Unisolate: 1_800 };

/** Presses Ctrl-C so often while all requests of the run are under way. */
async function interrupt(
  stack: SmallStack,
  args: readonly string[],
  isUnderWay: () => boolean,
  presses: 1 | 2,
): Promise<EngineRun> {
  const run = stack.start(args);
  await until('all is asked for', isUnderWay);
  for (let press = 0; press < presses; press += 1) {
    // The second one comes while the engine still waits for what the first one ended.
    if (press > 0) await pause(1);
    run.kill('SIGINT');
  }
  const at = Date.now();
  const ended = await run.ended;
  if (ended.code === 0) throw new Broken('I6', `the run ends well:\n${shown(ended)}`);
  if (Date.now() - at > 30_000) throw new Error('the run does not end when it is interrupted');
  return ended;
}

/** What a run that ended hard left locked is unlocked, and nothing where nothing is. */
async function unlock(stack: SmallStack): Promise<void> {
  succeeded(await stack.pulumi(['cancel', '--yes']));
}

function row(presses: 1 | 2): FaultRow {
  const often = presses === 1 ? 'once' : 'twice';
  return smallRow(
    {
      fault: `Ctrl-C ${often}`,
      expected:
        presses === 1
          ? 'what is under way is told as NOT … YET and kept in state; the next run goes on with the same requests'
          : 'the next run goes on with the same requests',
      short: presses === 2,
    },
    { latencySeconds: slowly },
    async (stack) => {
      const { control, ids } = stack;
      const isolating = ['up', '--yes', '--skip-preview'];
      const run = await interrupt(stack, isolating, () => stack.isolates().length === ids.length, presses);
      if (presses === 1) {
        tells(shown(run), 'NOT CONTAINED YET', 'single.contoso.com', 'first.contoso.com', 'second.contoso.com');
        const { single } = await stack.state();
        if (single?.state !== 'isolating') throw new Broken('I6', `state says ${single?.state} of what is under way`);
      } else await unlock(stack);
      control.advance('1h');
      await converges(stack);
      await stack.judge({ declared: ids, isolated: ids });
      const releasing = ['destroy', '--yes', '--skip-preview'];
      const left = await interrupt(stack, releasing, () => stack.unisolates().length === ids.length, presses);
      if (presses === 1)
        tells(shown(left), 'NOT RELEASED YET', 'single.contoso.com', 'first.contoso.com', 'second.contoso.com');
      else await unlock(stack);
      control.advance('1h');
      await stack.destroySucceeds();
      await stack.judge({ isolated: ids, released: ids });
      return `so; exit codes ${run.code} and ${left.code}, one isolate and one unisolate a host`;
    },
  );
}

export const interruptRows: readonly FaultRow[] = [row(1), row(2)];
