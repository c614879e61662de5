import type { EngineRun } from '../../../tools/engine-env.ts';
import { failed, succeeded, tells } from '../../engine/outcome.ts';
import { until } from '../../engine/until.ts';
import { shown } from '../../engine/world.ts';
import { Broken } from '../broken.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { judgeRecord, type Told, toldIn } from './judge.ts';
import { type SmallStack, smallRow } from './small-stack.ts';

/** Another stack of the same program: it declares the same hosts. */
interface OtherStack {
  pulumi(...args: string[]): Promise<EngineRun>;
  up(...args: string[]): Promise<EngineRun>;
  destroy(): Promise<EngineRun>;
  told(): Promise<ReadonlyMap<string, Told>>;
}

async function otherStack({ engine, folder, control }: SmallStack): Promise<OtherStack> {
  const pulumi = (...args: string[]) => engine.run([...args, '--non-interactive', '--stack', 'other'], { cwd: folder });
  succeeded(await engine.run(['stack', 'init', 'other', '--non-interactive'], { cwd: folder }));
  return {
    pulumi,
    up: (...args) => pulumi('up', '--yes', '--skip-preview', ...args),
    destroy: () => pulumi('destroy', '--yes', '--skip-preview', '--continue-on-error'),
    told: async () => toldIn((await pulumi('stack', 'export')).stdout, control),
  };
}

/** Both stacks' first runs at once, under one way in which the service answers duplicates. */
function atOnce(duplicateRequest: 'return-pending' | 'reject-400'): FaultRow {
  return smallRow(
    {
      fault: `two stacks with common hosts at once, duplicates answered with ${duplicateRequest === 'reject-400' ? '400' : '201'}`,
      expected: 'both converge, one request a host, each host owned by one of them',
      short: duplicateRequest === 'reject-400',
    },
    { switches: { duplicateRequest } },
    async (stack) => {
      const { ids, control } = stack;
      const other = await otherStack(stack);
      const runs = await Promise.all([stack.up(), other.up()]);
      for (const run of runs) if (run.code !== 0) throw new Broken('I5', `one of them fails:\n${shown(run)}`);
      await converges(stack);
      await converges({ up: other.up, writes: stack.writes });
      judgeRecord(control, { declared: ids, isolated: ids });
      const [mine, theirs] = [toldIn(await stack.exportState(), control), await other.told()];
      for (const id of ids) {
        const owners = [mine, theirs].filter((told) => told.get(id)?.owned === true).length;
        if (owners !== 1) throw new Broken('I6', `${owners} stacks own ${control.machine(id).computerDnsName}`);
      }
      return 'so';
    },
  );
}

export const twoRunRows: readonly FaultRow[] = [
  smallRow(
    {
      fault: 'two runs at once on one stack',
      expected: 'the second is refused by the lock, says so and sends nothing; the first one ends well',
      short: true,
    },
    { latencySeconds: { Isolate: 3_600 } },
    async (stack) => {
      const { ids, control } = stack;
      const first = stack.start(['up', '--yes', '--skip-preview']);
      await until('all is asked for', () => stack.isolates().length === ids.length);
      for (const command of ['up', 'destroy'] as const)
        tells(failed(await stack[command]()), 'the stack is currently locked');
      control.advance('2h');
      succeeded(await first.ended);
      await converges(stack);
      await stack.judge({ declared: ids, isolated: ids });
      return 'so, for up and for destroy';
    },
  ),
  atOnce('return-pending'),
  atOnce('reject-400'),
  smallRow(
    {
      fault: 'two stacks with common hosts, one after the other',
      expected:
        'the later one adopts and sends nothing, and its destroy leaves them; when the owner releases them, it isolates them again',
      short: false,
    },
    {},
    async (stack) => {
      const { ids, control } = stack;
      const other = await otherStack(stack);
      succeeded(await stack.up());
      succeeded(await other.up());
      const [theirs] = (await other.told()).values();
      if (theirs?.owned !== false) throw new Broken('I6', 'the later stack says that the isolation is its own');
      tells(succeeded(await other.destroy()), 'left isolated (3):');
      judgeRecord(control, { declared: ids, isolated: ids });
      // What one stack cannot know of the other (semantics 6.4); the next run of the other one repairs it.
      succeeded(await other.up());
      await stack.destroySucceeds();
      await converges({ up: other.up, writes: stack.writes });
      judgeRecord(control, { declared: ids, isolated: [...ids, ...ids], released: ids });
      return 'so';
    },
  ),
];
