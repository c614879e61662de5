import { expect } from 'chai';
import type { Defender, Listing } from '../../provider/defender/api.ts';
import type { Machine, MachineId } from '../../provider/defender/machine.ts';
import { pause } from '../../provider/defender/ports.ts';
import { MachineLookup, usableMs } from '../../provider/fleet/machine-lookup.ts';
import { createFakeTime, type FakeTime } from '../defender/fake-time.ts';

const answerMs = 300;

describe('machines that are read for longer than an observation may be used', () => {
  let time: FakeTime;
  let calls: string[];
  let lookup: MachineLookup;
  const ids = Array.from({ length: 2_000 }, (_, index) => index.toString(16).padStart(40, '0') as MachineId);

  beforeEach(() => {
    time = createFakeTime();
    calls = [];
    lookup = new MachineLookup(tenantOf(ids), time.clock, time.timer);
  });

  it('semantics 1.8: are all listed again after ten seconds, and once each time', async () => {
    const reading = readInTurn();
    // Eighty a second: 25 seconds, and what the answers take.
    await time.advance(30_000);
    expect(await reading).to.deep.equal(ids);
    expect(calls.filter((call) => call === 'all')).to.have.length(3);
  });

  it('are forgotten once no reading may use them', async () => {
    const reading = readInTurn();
    await time.advance(30_000);
    await reading;
    await time.advance(usableMs);
    expect(time.pending()).to.equal(0);
  });

  /** As the engine reads on two cores: eight at once, the next ones when these are answered. */
  async function readInTurn(): Promise<readonly (MachineId | undefined)[]> {
    const found: (MachineId | undefined)[] = [];
    for (let start = 0; start < ids.length; start += 8) {
      const notBefore = time.clock.monotonic() - 10_000;
      const machines = await Promise.all(ids.slice(start, start + 8).map((id) => lookup.get(id, notBefore)));
      found.push(...machines.map((machine) => machine?.id));
      await pause(time.timer, 100);
    }
    return found;
  }

  function tenantOf(known: readonly MachineId[]): Defender {
    const answer = async (call: string, wanted: readonly MachineId[]): Promise<Listing<Machine>> => {
      calls.push(call);
      const asOf = time.clock.wall();
      await pause(time.timer, answerMs);
      return { items: wanted.map((id) => ({ id })), complete: true, asOf };
    };
    const defender: Pick<Defender, 'getMachine' | 'listMachinesById' | 'listMachines'> = {
      getMachine: async () => {
        throw new Error('no machine is asked for singly here');
      },
      listMachinesById: (wanted) => answer('by id', wanted as readonly MachineId[]),
      listMachines: () => answer('all', known),
    };
    return defender as Defender;
  }
});
