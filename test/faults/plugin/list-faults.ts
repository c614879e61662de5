import type { ListDistortion } from '../../../simulator/call.ts';
import type { FaultRule } from '../../../simulator/faults.ts';
import { Broken } from '../broken.ts';
import { elsewhere } from './elsewhere.ts';
import type { PluginFault, Scene } from './story.ts';

const lists = ['GET machines', 'GET machineactions'];
const bent = (distortion: ListDistortion, routes = lists): readonly FaultRule[] =>
  routes.map((route) => ({ effect: { kind: 'list', ...distortion }, route }));

const nothingWritten = { ends: 'failing', writes: 'none' } as const;
const lateMs = 30;

/** Another's isolation of the two new hosts runs already, and the history does not show it yet. */
function hiddenDuplicates({ world, ids }: Scene): () => void {
  const { control } = world;
  control.setSwitches({ listDelaySeconds: lateMs });
  for (const host of ['comes', 'set-comes'] as const)
    control.isolate(ids[host], { latencySeconds: 45, by: 'ada@contoso.com' });
  return () => void control.setSwitches({ listDelaySeconds: 0 });
}

const adopted: Pick<PluginFault, 'preview' | 'ends' | 'writes' | 'after'> = {
  preview: 'well',
  ends: 'well',
  writes: 'some',
  after: ({ world, ids }, { made }) => {
    if (made.some(({ type }) => type === 'Isolate')) throw new Broken('I3', 'an isolation of ours was made beside it');
    for (const { machineId, owned } of world.hosts())
      if ((machineId === ids.comes || machineId === ids['set-comes']) && owned === true)
        throw new Broken('I6', "state says that another's isolation is ours");
  },
};

/** What the service's lists say. */
export const listFaults: readonly PluginFault[] = [
  {
    fault: 'a nextLink to another host',
    expected: 'not followed, no token leaves; nothing is written; told',
    short: true,
    begin: async ({ world }) => {
      const other = await elsewhere();
      for (const rule of bent({ nextLink: { to: 'origin', origin: other.url } })) world.control.addFault(rule);
      return async () => {
        await other.end();
        if (other.received.length > 0) throw new Broken('I7', `another host was sent ${other.received.join(', ')}`);
      };
    },
    ...nothingWritten,
    tells: [/nextLink leads to 127\.0\.0\.1:\d+, not localhost:\d+; not followed/, /Set apiUrl/],
  },
  {
    fault: 'a nextLink to itself',
    expected: 'read once; nothing is written; told',
    short: false,
    rules: bent({ nextLink: { to: 'itself' } }),
    ...nothingWritten,
    tells: [/nextLink leads back to a page that was already read/],
  },
  {
    fault: 'the history is 30 s late',
    expected: 'waited for: one request each, and ends well',
    short: false,
    begin: ({ world }) => {
      world.control.setSwitches({ listDelaySeconds: lateMs, getDelaySeconds: lateMs });
      return () => void world.control.setSwitches({ listDelaySeconds: 0, getDelaySeconds: 0 });
    },
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'the history is 30 s late, and each answer to a write is lost',
    expected: 'looked for until it shows: one request each, and ends well',
    short: true,
    begin: ({ world }) => {
      world.control.setSwitches({ listDelaySeconds: lateMs, getDelaySeconds: lateMs });
      return () => void world.control.setSwitches({ listDelaySeconds: 0, getDelaySeconds: 0 });
    },
    rules: ['isolate', 'unisolate'].map((each) => ({
      effect: { kind: 'reset-after' as const },
      route: `POST machines/{id}/${each}`,
    })),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'pages of two, each in another order',
    expected: 'all the same: one request each, and ends well',
    short: true,
    simulator: { switches: { pageSize: 2 } },
    rules: bent({ order: 'each-page-reversed' }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'pages of two, the whole in the opposite order',
    expected: 'all the same: one request each, and ends well',
    short: false,
    simulator: { switches: { pageSize: 2 } },
    rules: bent({ order: 'reversed' }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'a history whose size disagrees with its count',
    expected: 'nothing is decided on it; told',
    short: false,
    rules: bent({ countError: 2 }, ['GET machineactions']),
    ...nothingWritten,
    tells: [/its size disagrees with its count/, /[Rr]un again/],
  },
  {
    fault: 'a duplicate is answered with 201 and the older request',
    expected: "the other's request is followed, and is not ours; ends well",
    short: false,
    ...adopted,
    simulator: { switches: { duplicateRequest: 'return-pending' } },
    begin: (scene) => hiddenDuplicates(scene),
  },
  {
    fault: 'a duplicate is answered with 400',
    expected: "the other's request is looked for and followed, and is not ours; ends well",
    short: true,
    ...adopted,
    simulator: { switches: { duplicateRequest: 'reject-400' } },
    begin: (scene) => hiddenDuplicates(scene),
  },
];
