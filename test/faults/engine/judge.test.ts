import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../../simulator/start.ts';
import { Client } from '../../simulator/client.ts';
import { judgeRecord, judgeState, type Told } from './judge.ts';
import { pointsOver } from './points.ts';

describe('the judge of the fault matrix on the engine', () => {
  let simulator: Simulator;
  let client: Client;
  let id: string;

  beforeEach(async () => {
    simulator = await startSimulator({ speed: 0, switches: { duplicateRequest: 'accept' } });
    client = new Client(simulator);
    id = simulator.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    await client.isolate(id);
    simulator.control.advance('2m');
  });
  afterEach(() => simulator.stop());

  const judge = (wanted: Parameters<typeof judgeRecord>[1]) => () => judgeRecord(simulator.control, wanted);
  const told = (changes: Partial<Told> = {}) => {
    const [action] = simulator.control.actions();
    return new Map([[id, { state: 'isolated', owned: true, actionId: action?.id, ...changes }]]);
  };

  it('lets pass what is as it should be', () => {
    judge({ declared: [id], isolated: [id] })();
    judgeState(simulator.control, [id], told());
  });

  it('I1: finds a release that nobody asked for', async () => {
    await client.unisolate(id);
    expect(judge({ declared: [id], isolated: [id] })).to.throw(/^I1 .*pc-1\.contoso\.com/);
  });

  it('I2: finds an isolate of a host that is not declared', () => {
    expect(judge({ declared: [], isolated: [] })).to.throw(/^I2 .*pc-1\.contoso\.com/);
  });

  it('I3: finds a second request, also one beside a running one that was expected', async () => {
    await client.isolate(id);
    expect(judge({ declared: [id], isolated: [id] })).to.throw(/^I3 .*2 requests to Isolate pc-1\.contoso\.com, not 1/);
    await client.isolate(id);
    expect(judge({ declared: [id], isolated: [id, id, id] })).to.throw(/^I3 .*accepted while one ran/);
  });

  it('I3: finds a request that is missing', () => {
    expect(judge({ declared: [id], isolated: [id, id] })).to.throw(/^I3 .*1 requests to Isolate/);
  });

  it('I5: finds a declared host that is not contained', () => {
    simulator.control.force(id, null);
    expect(judge({ declared: [id], isolated: [id] })).to.throw(/^I5 .*declared and not contained/);
  });

  it('I6: finds what state tells otherwise, or not, or too much', () => {
    const state =
      (known: ReadonlyMap<string, Told>, declared = [id]) =>
      () =>
        judgeState(simulator.control, declared, known);
    expect(state(new Map())).to.throw(/^I6 .*not in state/);
    expect(state(told({ state: 'isolating' }))).to.throw(/^I6 .*state says isolating/);
    expect(state(told({ owned: false }))).to.throw(/^I6 .*not ours/);
    expect(state(told({ actionId: 'another' }))).to.throw(/^I6 .*action another/);
    expect(state(told(), [])).to.throw(/^I6 .*not declared/);
  });
});

describe('the points at which runs are killed', () => {
  it('are spread over the writes of a run, the first and the last but one among them, at every moment of a write', () => {
    const points = pointsOver(100, 50);
    const after = points.map((point) => point.after);
    expect(after).to.have.length(50);
    expect(after[0]).to.equal(1);
    expect(after.at(-1)).to.equal(99);
    expect(after).to.deep.equal([...after].sort((a, b) => a - b));
    for (const moment of ['between', 'accepted', 'going-on'] as const) {
      const kinds = points.filter((point) => point.moment === moment).map(({ rests }) => rests);
      expect(new Set(kinds), moment).to.deep.equal(new Set([true, false]));
    }
  });

  it('one alone is in the middle', () => {
    expect(pointsOver(20, 1, 1)).to.deep.equal([{ after: 10, moment: 'accepted', rests: false, thenEmpty: true }]);
  });
});
