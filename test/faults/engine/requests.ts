import { succeeded, tells } from '../../engine/outcome.ts';
import { until } from '../../engine/until.ts';
import { shown } from '../../engine/world.ts';
import { Broken } from '../broken.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { type SmallStack, smallRow } from './small-stack.ts';

const isolate = 'POST machines/{id}/isolate';
const unisolate = 'POST machines/{id}/unisolate';

/** Nobody who is to be contained is on the network, and nobody is told to be so who is not. */
function allContained({ control, ids }: SmallStack, of = ids): void {
  const free = of.find((id) => !control.machine(id).isolation.isolated);
  if (free !== undefined) throw new Broken('I1', `${control.machine(free).computerDnsName} is not contained`);
}

/** An ending that is no success, of isolations first, then of releases. */
function endedOtherwise(
  fault: string,
  options: { readonly times: 1; readonly status: 'Failed' | 'TimeOut'; readonly executed?: boolean },
): FaultRow {
  return smallRow(
    {
      fault,
      expected: 'the run ends non-zero and names the host; the next asks once more and converges; a release likewise',
      short: false,
    },
    {},
    async (stack) => {
      const { control, single, ids } = stack;
      const [first, second] = stack.inSet;
      for (const id of [single, first]) control.setMachine(id, { outcomes: { Isolate: { ...options } } });
      tells(
        await stack.upFails(),
        `NOT CONTAINED`,
        `ended ${options.status}`,
        'single.contoso.com',
        'first.contoso.com',
      );
      await converges(stack);
      const isolated = [...ids, single, first];
      await stack.judge({ declared: ids, isolated });
      for (const id of [single, first]) control.setMachine(id, { outcomes: { Unisolate: { ...options } } });
      tells(
        await stack.destroyFails(),
        'NOT RELEASED',
        `ended ${options.status}`,
        'single.contoso.com',
        'first.contoso.com',
      );
      await stack.destroySucceeds();
      await stack.judge({ isolated, released: [single, single, first, first, second] });
      return 'so; one more request for each of those hosts';
    },
  );
}

/** What becomes of requests that the service has accepted. */
export const requestRows: readonly FaultRow[] = [
  smallRow(
    {
      fault: 'reset after every request was accepted',
      expected: 'each is found in the history: the run ends well, no host is asked for twice',
      short: true,
    },
    { switches: { listDelaySeconds: 5 } },
    async (stack) => {
      const { control, ids } = stack;
      control.addFault({ effect: { kind: 'reset-after' }, route: isolate });
      succeeded(await stack.up());
      control.clearFaults();
      await converges(stack);
      await stack.judge({ declared: ids, isolated: ids });
      control.addFault({ effect: { kind: 'reset-after' }, route: unisolate });
      await stack.destroySucceeds();
      await stack.judge({ isolated: ids, released: ids });
      return 'exit code 0; one isolate and one unisolate a host';
    },
  ),
  endedOtherwise('an action ends Failed', { status: 'Failed', times: 1 }),
  endedOtherwise('an action ends TimeOut, and was carried out all the same', {
    status: 'TimeOut',
    executed: true,
    times: 1,
  }),
  smallRow(
    {
      fault: 'an analyst cancels our action',
      expected: 'the run ends non-zero and names the host; the next asks once more and converges; a release likewise',
      short: true,
    },
    { latencySeconds: { Isolate: 1_800, Unisolate: 1_800 } },
    async (stack) => {
      const { control, single, ids } = stack;
      const [first, second] = stack.inSet;
      const cancelAll = (type: 'Isolate' | 'Unisolate') => {
        for (const { id, machineId, status } of control.actions()) {
          const isOne = [single, first].includes(machineId) && status !== 'Cancelled' && status !== 'Succeeded';
          if (isOne) control.cancel(id, { comment: `no ${type}` });
        }
        control.advance('1h');
      };
      const up = stack.start(['up', '--yes', '--skip-preview', '--continue-on-error']);
      await until('all are asked for', () => stack.isolates().length === ids.length);
      cancelAll('Isolate');
      const run = await up.ended;
      if (run.code === 0) throw new Broken('I6', `the run ends well:\n${shown(run)}`);
      tells(shown(run), 'NOT CONTAINED', 'Cancelled', 'single.contoso.com', 'first.contoso.com');
      control.setLatencies({ Isolate: 30, Unisolate: 1_800 });
      await converges(stack);
      const isolated = [...ids, single, first];
      await stack.judge({ declared: ids, isolated });
      const destroy = stack.start(['destroy', '--yes', '--skip-preview', '--continue-on-error']);
      await until('all releases are asked for', () => stack.unisolates().length === ids.length);
      cancelAll('Unisolate');
      const left = await destroy.ended;
      if (left.code === 0) throw new Broken('I6', `the run ends well:\n${shown(left)}`);
      tells(shown(left), 'NOT RELEASED', 'Cancelled', 'single.contoso.com', 'first.contoso.com');
      allContained(stack, [single, first]);
      control.setLatencies({ Unisolate: 30 });
      await stack.destroySucceeds();
      await stack.judge({ isolated, released: [single, single, first, first, second] });
      return 'so; one more request for each of those hosts';
    },
  ),
  smallRow(
    {
      fault: 'an action never leaves Pending',
      expected:
        'NOT CONTAINED YET, or NOT RELEASED YET, and non-zero; later runs send nothing while it runs, and once more when MDE gave up',
      short: false,
    },
    { switches: { giveUpAfterHours: 6 } },
    async (stack) => {
      const { control, single, ids } = stack;
      const [first] = stack.inSet;
      const away = [single, first];
      const turn = (online: boolean) => {
        for (const id of away) control.setMachine(id, { online });
      };
      stack.declareAll({ create: '4m', delete: '8m' });
      turn(false);
      tells(await stack.upFails(), 'NOT CONTAINED YET', 'is Pending', 'single.contoso.com', 'first.contoso.com');
      const sent = stack.writes();
      tells(succeeded(await stack.up()), 'NOT CONTAINED YET', 'single.contoso.com', 'first.contoso.com');
      if (stack.writes() !== sent) throw new Broken('I3', 'a later run writes while the request runs');
      control.advance('7h');
      turn(true);
      await converges(stack);
      const isolated = [...ids, ...away];
      await stack.judge({ declared: ids, isolated });
      turn(false);
      tells(await stack.destroyFails(), 'NOT RELEASED YET', 'is Pending', 'single.contoso.com', 'first.contoso.com');
      const known = Object.keys(await stack.state());
      if (!known.includes('single')) throw new Broken('I6', 'the host is not in state any more');
      turn(true);
      control.advance('10m');
      await stack.destroySucceeds();
      await stack.judge({ isolated, released: ids });
      return 'so; two isolates of each of those hosts, and one unisolate';
    },
  ),
  smallRow(
    {
      fault: 'an isolate of ours is stuck behind a release',
      expected: 'it is cancelled before the release, which holds',
      short: false,
    },
    {},
    async (stack) => {
      const { control, ids } = stack;
      succeeded(await stack.up());
      control.setSwitches({ isolateWhenIsolated: 'run-after-release' });
      stack.declareAll({ update: '10m' });
      // Within the last four days it is renewed, and the renewal is what is stuck.
      control.advance('80h');
      const renewing = await stack.up('--continue-on-error');
      if (stack.isolates().length !== 2 * ids.length) throw new Broken('I9', `nothing is renewed:\n${shown(renewing)}`);
      allContained(stack);
      await stack.destroySucceeds();
      control.advance('10m');
      await stack.judge({ isolated: [...ids, ...ids], released: ids });
      return `the run with the renewal ends ${renewing.code}; all are released, and none is isolated again`;
    },
  ),
  smallRow(
    {
      fault: "another's isolate is stuck behind our release",
      expected:
        'no release is sent, the run ends non-zero and names the request; once it is cancelled, hosts are left to its requestor',
      short: false,
    },
    {},
    async (stack) => {
      const { control, ids } = stack;
      succeeded(await stack.up());
      control.setSwitches({ isolateWhenIsolated: 'run-after-release' });
      const theirs = ids.map((id) => control.isolate(id, { comment: 'wait for forensics' }).id);
      tells(await stack.destroyFails(), 'analyst@contoso.com', ...theirs);
      allContained(stack);
      if (stack.unisolates().length > 0) throw new Broken('I1', 'a release was sent');
      for (const id of theirs) control.cancel(id);
      const text = await stack.destroySucceeds();
      tells(text, 'left isolated (3):', 'analyst@contoso.com', 'releaseForeign: true');
      await stack.judge({ isolated: ids });
      allContained(stack);
      return 'so, and all stay isolated';
    },
  ),
  smallRow(
    {
      fault: 'isolate, isolate, unisolate, unisolate that ends isolated',
      expected: 'no word of a release: non-zero, or left to whoever isolated it again',
      short: true,
    },
    { switches: { isolateWhenIsolated: 'run-after-release' } },
    async (stack) => {
      const { control, ids } = stack;
      succeeded(await stack.up());
      // Ours is on its way when another isolates, and a second release comes after both.
      const held = control.addFault({ effect: { kind: 'delay', ms: 1_500, before: true }, route: unisolate });
      const destroy = stack.start(['destroy', '--yes', '--skip-preview', '--continue-on-error']);
      await until('all releases are on their way', () =>
        control.faults().some(({ id, fired }) => id === held && fired === ids.length),
      );
      for (const id of ids) control.isolate(id, { comment: 'seen again' });
      const run = await destroy.ended;
      if (run.code === 0) throw new Broken('I6', `the run ends well:\n${shown(run)}`);
      tells(shown(run), 'analyst@contoso.com', 'single.contoso.com', 'first.contoso.com', 'second.contoso.com');
      control.advance('10m');
      allContained(stack);
      control.clearFaults();
      const again = await stack.destroy('--continue-on-error');
      allContained(stack);
      if (/\breleased: \d/.test(shown(again))) throw new Broken('I6', `hosts are told as released:\n${shown(again)}`);
      return `non-zero; the next destroy ends ${again.code} and leaves them isolated`;
    },
  ),
];
