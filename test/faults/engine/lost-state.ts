import { succeeded, tells } from '../../engine/outcome.ts';
import { Broken } from '../broken.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { smallRow } from './small-stack.ts';
import { stateLoser } from './stage.ts';

export const lostStateRows: readonly FaultRow[] = [
  smallRow(
    {
      fault: 'state lost, and up is run',
      expected: 'every host is found by its mark: nothing is sent, all are ours, destroy releases them',
      short: false,
    },
    {},
    async (stack) => {
      const loseState = stateLoser(stack);
      succeeded(await stack.up());
      loseState();
      const { ids } = stack;
      await converges(stack);
      await stack.judge({ declared: ids, isolated: ids });
      await stack.destroySucceeds();
      await stack.judge({ isolated: ids, released: ids });
      return 'so';
    },
  ),
  smallRow(
    {
      fault: 'state lost, and rebuilt by import',
      expected: 'nothing is sent, up as declared sends nothing, all are ours, destroy releases them',
      short: true,
    },
    {},
    async (stack) => {
      const { ids, single, inSet, control } = stack;
      const loseState = stateLoser(stack);
      succeeded(await stack.up());
      loseState();
      const sent = stack.writes();
      const bring = (type: string, name: string, id: string) =>
        stack.pulumi(['import', `mde:index:${type}`, name, id, '--yes', '--protect=false']);
      tells(succeeded(await bring('MachineIsolation', 'single', single)), `machineId: ${single}`);
      tells(succeeded(await bring('Quarantine', 'fleet', inSet.join(','))), ...inSet.map((id) => `machineId: ${id}`));
      await converges(stack);
      if (stack.writes() !== sent) throw new Broken('I3', `${stack.writes() - sent} requests were sent`);
      // An isolation that was imported is ours, whoever began it.
      control.advance('1h');
      await stack.judge({ declared: ids, isolated: ids });
      await stack.destroySucceeds();
      await stack.judge({ isolated: ids, released: ids });
      return 'so';
    },
  ),
];
