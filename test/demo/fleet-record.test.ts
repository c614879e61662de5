import { expect } from 'chai';
import { compareFleet, type ExpectedOfFleet, FleetRecord, type FoundOfFleet } from '../../demo/fleet-record.ts';
import { app, RecordDiffers } from '../../demo/simulator-record.ts';
import type { ActionRecord } from '../../simulator/control.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';

const fleet = new Set(['pc-1', 'pc-2', 'pc-3']);
const none: ReadonlySet<string> = new Set();

function act(type: 'Isolate' | 'Unisolate', computerDnsName: string, more: Partial<ActionRecord> = {}): ActionRecord {
  return { type, computerDnsName, requestor: app, status: 'Succeeded', ...more } as ActionRecord;
}

function found(actions: readonly ActionRecord[], more: Partial<FoundOfFleet> = {}): FoundOfFleet {
  const asked = (wanted: string) =>
    actions.filter(({ type }) => type === wanted).map(({ computerDnsName }) => computerDnsName ?? '');
  const writes = actions.map(({ type }) => `POST machines/{id}/${type.toLowerCase()} (201)`);
  return { actions, reads: 3, writes, isolated: asked('Isolate'), everIsolated: asked('Isolate'), ...more };
}

describe('what the demo expects of the record of a fleet', () => {
  const all: ExpectedOfFleet = { isolates: fleet, releases: none, isolated: fleet };
  const cut: ExpectedOfFleet = { isolates: 'some, each once', releases: none, isolated: undefined };
  const two: ExpectedOfFleet = { isolates: none, releases: new Set(['pc-3']), isolated: new Set(['pc-1', 'pc-2']) };
  const isolateAll = [...fleet].map((name) => act('Isolate', name));
  const release = [act('Unisolate', 'pc-3')];

  it('agrees with one request a host, with a part of them, and with a release', () => {
    expect(compareFleet(fleet, all, found(isolateAll))).to.deep.equal([]);
    expect(compareFleet(fleet, cut, found([act('Isolate', 'pc-2', { status: 'Pending' })]))).to.deep.equal([]);
    const after = { isolated: ['pc-2', 'pc-1'], everIsolated: [...fleet] };
    expect(compareFleet(fleet, two, found(release, after))).to.deep.equal([]);
  });

  const disagreements: readonly [string, ExpectedOfFleet, FoundOfFleet, RegExp][] = [
    ['a host that nobody asked', all, found(isolateAll.slice(1)), /requests to isolate: missing pc-1/],
    ['a second request in one run', all, found([...isolateAll, act('Isolate', 'pc-2')]), /isolate: too many pc-2/],
    [
      'a second request after a killed run',
      { ...all, isolates: new Set(['pc-1']) },
      found([act('Isolate', 'pc-1')], { everIsolated: ['pc-1', 'pc-2', 'pc-3', 'pc-1'], isolated: [...fleet] }),
      /isolate in all: too many pc-1/,
    ],
    ['a killed run that did nothing', cut, found([]), /requests to isolate: none/],
    ['a release that nobody asked for', all, found([...isolateAll, ...release]), /requests to release: too many pc-3/],
    ['a release that was not sent', two, found([], { isolated: [...fleet] }), /requests to release: missing pc-3/],
    ['another host', cut, found([act('Isolate', 'pc-9')]), /somebody or something else: Isolate .* on pc-9/],
    ['somebody else', cut, found([act('Isolate', 'pc-1', { requestor: 'ana' })]), /something else: Isolate by ana/],
    ['a success that is none', all, found(isolateAll, { isolated: ['pc-1', 'pc-2'] }), /really isolated: missing pc-3/],
    ['a refused write', cut, found([act('Isolate', 'pc-1')], { writes: ['a', 'b'] }), /calls that write: expected 1/],
    ['a run that did not look', cut, found([act('Isolate', 'pc-1')], { reads: 0 }), /calls that read/],
    [
      'a request that failed',
      all,
      found([...isolateAll.slice(1), act('Isolate', 'pc-1', { status: 'Failed' })], { isolated: [...fleet] }),
      /Isolate on pc-1: Failed/,
    ],
  ];
  for (const [what, expected, record, difference] of disagreements) {
    it(`does not agree with ${what}`, () => {
      expect(compareFleet(fleet, expected, record).join('\n')).to.match(difference);
    });
  }
});

describe('FleetRecord', () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator({ speed: 0 });
  });

  after(() => simulator.stop());

  it('begins where the story of the fleet begins, and takes nothing for a call that was none', () => {
    const { control } = simulator;
    const { id } = control.addMachine({ computerDnsName: 'pc-1' });
    control.isolate(id, { by: 'ana@contoso.com', latencySeconds: 0 });
    const record = new FleetRecord(simulator, fleet);
    expect(() => record.check('nobody called', { isolates: none, releases: none, isolated: new Set(['pc-1']) }))
      .to.throw(RecordDiffers)
      .with.property('differences')
      .that.deep.equals(['calls that read: expected some, found none']);
  });
});
