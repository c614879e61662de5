import type { ScriptedOutcome } from '../../../simulator/machine.ts';
import type { HostName, PluginFault, Scene, SeenRun } from './story.ts';

const hour = 3_600_000;
/** The hosts on which the run under the fault has something to do. */
const moving: readonly HostName[] = ['comes', 'goes', 'set-comes', 'set-goes'];

/** How actions end on them, until the fault is over. */
function scripted(outcome: ScriptedOutcome): NonNullable<PluginFault['begin']> {
  return ({ world, ids }) => {
    const set = (outcomes: { Isolate: ScriptedOutcome | null; Unisolate: ScriptedOutcome | null }) => {
      for (const name of moving) world.control.setMachine(ids[name], { outcomes });
    };
    set({ Isolate: outcome, Unisolate: outcome });
    return () => set({ Isolate: null, Unisolate: null });
  };
}

const asks = (status: string, short = true): Omit<PluginFault, 'fault' | 'expected' | 'begin'> => ({
  short,
  preview: 'well',
  ends: 'failing',
  writes: 'some',
  tells: [
    /NOT CONTAINED: comes\.contoso\.com/,
    /NOT RELEASED: goes\.contoso\.com/,
    new RegExp(`ended ${status}`),
    /[Tt]he next run sends it again/,
  ],
  after: oneEach,
});

function oneEach(_scene: Scene, { made }: SeenRun): void {
  const types = made.map(({ type }) => type).sort();
  if (types.join() !== 'Isolate,Isolate,Unisolate,Unisolate') throw new Error(`carried out was ${types.join(', ')}`);
}

/** How the device deals with what it was asked for. */
export const actionFaults: readonly PluginFault[] = [
  {
    fault: 'actions never leave Pending',
    expected:
      'waits for its time-out, keeps them in state as NOT CONTAINED YET and NOT RELEASED YET; later runs send nothing more',
    short: true,
    process: { timeoutMs: 120_000 },
    begin: ({ world, ids }) => {
      for (const name of moving) world.control.setMachine(ids[name], { online: false });
      return () => {
        for (const name of moving) world.control.setMachine(ids[name], { online: true });
      };
    },
    preview: 'well',
    ends: 'failing',
    writes: 'some',
    tells: [/NOT CONTAINED YET: comes\.contoso\.com/, /NOT RELEASED YET: goes\.contoso\.com/, /[Rr]un again/],
    after: oneEach,
    restMs: hour,
  },
  {
    fault: 'actions end Failed',
    expected: 'told with their ids and what to do; the next run asks once more',
    ...asks('Failed'),
    begin: scripted({ status: 'Failed' }),
  },
  {
    fault: 'actions end TimeOut, and were carried out all the same',
    expected: 'told; the next run asks once more',
    ...asks('TimeOut', false),
    begin: scripted({ status: 'TimeOut', executed: true }),
  },
  {
    fault: 'an analyst cancels the actions',
    expected: 'told; the next run asks once more',
    ...asks('Cancelled'),
    begin: ({ world, ids }) => {
      const slow = (seconds: number) => {
        for (const name of moving)
          world.control.setMachine(ids[name], { latencySeconds: { Isolate: seconds, Unisolate: seconds } });
      };
      slow(600);
      return () => slow(20);
    },
    beforeUp: ({ world }) => {
      for (let ms = 60_000; ms <= 300_000; ms += 60_000)
        world.clock.after(ms, () => {
          for (const { id, status } of world.control.actions())
            if (status === 'Pending' || status === 'InProgress') world.control.cancel(id, { comment: 'by hand' });
        });
    },
  },
];

const clock = (hours: number): PluginFault => ({
  fault: `the clock of this machine is ${Math.abs(hours)} hours ${hours > 0 ? 'ahead' : 'behind'}`,
  expected: 'all ages are taken by the service: one request each, and ends well',
  short: hours === -9,
  process: { clock: { aheadMs: hours * hour } },
  ends: 'well',
  writes: 'as-declared',
});

/** The clock of the machine that runs the provider. */
export const clockFaults: readonly PluginFault[] = [clock(9), clock(-9), clock(24 * 20), clock(-24 * 20)];
