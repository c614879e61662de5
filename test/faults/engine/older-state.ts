import { succeeded } from '../../engine/outcome.ts';
import type { StateResource } from '../../engine/world.ts';
import { Broken } from '../broken.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { smallRow } from './small-stack.ts';

type Values = Readonly<Record<string, unknown>>;

/** What an older release kept in state of the same hosts. */
interface OlderShape {
  readonly name: string;
  /** Of a MachineIsolation. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of a Quarantine's host: what stood before and behind the bar, from what stands there today. */
  readonly known: (parts: readonly string[]) => readonly string[];
  readonly declared: (machineId: string, declared: string) => string;
}

const declaredFields = [
  'comment',
  'isolationType',
  'machineId',
  'onDelete',
  'onManualRelease',
  'renewBefore',
  'waitFor',
];

/** The first as the builds wrote it that first had the resource, field by field; the last is less than any ever wrote. */
const shapes: readonly OlderShape[] = [
  {
    name: 'the first of each resource',
    inputs: declaredFields,
    outputs: [
      ...declaredFields,
      ...['actionId', 'cloud', 'coveredUntil', 'deviceName', 'healthStatus', 'isolatedAt', 'leaseStartedBy'],
      ...['osPlatform', 'owned', 'requestor', 'state', 'stateVersion', 'tenantId'],
    ],
    known: (parts) => parts,
    declared: (machineId, declared) => declared.replace(/^Full/, `Full, machineId=${machineId}`),
  },
  {
    name: 'nothing but what must be there',
    inputs: ['comment', 'machineId'],
    outputs: ['machineId', 'tenantId', 'cloud', 'stateVersion', 'state', 'owned'],
    known: (parts) => parts.filter((part) => /^(isolated$|ours$|machineId=)/.test(part)),
    declared: (_, declared) => declared,
  },
];

/** The same resource as an older release would have left it. */
function asOlder(resource: StateResource, shape: OlderShape): StateResource {
  const { inputs = {}, outputs = {} } = resource;
  if (resource.type === 'mde:index:MachineIsolation')
    return { ...resource, inputs: only(inputs, shape.inputs), outputs: only(outputs, shape.outputs) };
  if (resource.type !== 'mde:index:Quarantine') return resource;
  const lines = (values: unknown, change: (machineId: string, line: string) => string) =>
    Object.fromEntries(Object.entries(values as Record<string, string>).map(([id, line]) => [id, change(id, line)]));
  return {
    ...resource,
    inputs: { ...inputs, hosts: lines(inputs.hosts, shape.declared) },
    outputs: {
      ...outputs,
      hosts: lines(outputs.hosts, (id, line) => {
        const [known = '', declared = ''] = line.split(' | ', 2);
        return `${shape.known(known.split(', ')).join(', ')} | ${shape.declared(id, declared)}`;
      }),
    },
  };
}

function only(values: Values, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

export const olderStateRows: readonly FaultRow[] = shapes.map((shape, at) =>
  smallRow(
    {
      fault: `state of an older release: ${shape.name}`,
      expected: 'up sends nothing and is empty then, all are ours; destroy of such a state releases each once',
      short: at > 0,
    },
    {},
    async (stack) => {
      const { ids } = stack;
      succeeded(await stack.up());
      const sent = stack.writes();
      const age = () => stack.editState((resources) => resources.map((each) => asOlder(each, shape)));
      await age();
      await converges(stack);
      if (stack.writes() !== sent) throw new Broken('I3', `${stack.writes() - sent} requests were sent`);
      await stack.judge({ declared: ids, isolated: ids });
      await age();
      await stack.destroySucceeds();
      await stack.judge({ isolated: ids, released: ids });
      return 'so';
    },
  ),
);
