import { expect } from 'chai';
import { app, compare, type Found, RecordDiffers, SimulatorRecord } from '../../demo/simulator-record.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';

const host = 'pc-7.contoso.com';
const isolates = { who: app, type: 'Isolate' } as const;
const nothing: Found = { acts: [], reads: 2, writes: [], isolated: [] };
const isolated: Found = {
  acts: [`Isolate by pulumi-mde on ${host}: Succeeded`],
  reads: 2,
  writes: ['POST machines/{id}/isolate (201)'],
  isolated: [host],
};

describe('what the demo expects of the record', () => {
  const preview = { acts: [], isolated: false, looked: true };
  const up = { acts: [isolates], isolated: true, looked: true };

  it('agrees with a preview that only reads, and with one isolation', () => {
    expect(compare(host, preview, nothing)).to.deep.equal([]);
    expect(compare(host, up, isolated)).to.deep.equal([]);
  });

  const disagreements: readonly [string, typeof up | typeof preview, Found, RegExp][] = [
    ['a preview that writes', preview, isolated, /requests to machines: expected none, found Isolate by pulumi-mde/],
    ['a preview that did not look', preview, { ...nothing, reads: 0 }, /calls that read: expected some, found none/],
    ['an up that did nothing', up, nothing, /hosts that are really isolated: expected pc-7.*, found none/],
    ['a refused write', preview, { ...nothing, writes: ['POST machines/{id}/isolate (400)'] }, /calls that write/],
    ['a second request', up, { ...isolated, acts: [...isolated.acts, ...isolated.acts] }, /requests to machines/],
    ['another host isolated', up, { ...isolated, isolated: [host, 'pc-8'] }, /really isolated: .*found pc-7.*, pc-8/],
    ['a success that is none', up, { ...isolated, isolated: [] }, /really isolated: expected pc-7.*, found none/],
  ];
  for (const [what, expected, found, difference] of disagreements) {
    it(`does not agree with ${what}`, () => {
      expect(compare(host, expected, found).join('\n')).to.match(difference);
    });
  }
});

describe('SimulatorRecord', () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator({ speed: 0 });
  });

  after(() => simulator.stop());

  it('looks at what is new since the last look, and at whoever is really isolated', () => {
    const { control } = simulator;
    const { id } = control.addMachine({ computerDnsName: host });
    const record = new SimulatorRecord(simulator, host);
    control.isolate(id, { by: 'ana@contoso.com', latencySeconds: 0 });
    record.check('by hand', { acts: [{ who: 'ana@contoso.com', type: 'Isolate' }], isolated: true, looked: false });
    record.check('nothing since', { acts: [], isolated: true, looked: false });
    control.advance('8d');
    record.check('lifted by itself', { acts: [], isolated: false, looked: false });
    expect(() => record.check('never lifted', { acts: [], isolated: true, looked: false })).to.throw(
      RecordDiffers,
      /does not agree: never lifted/,
    );
  });
});
