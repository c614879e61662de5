import { expect } from 'chai';
import {
  defaultReleaseLimits,
  type ReleaseLimits,
  releaseOverride,
} from '../../provider/containment/release-limits.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import { Claims } from '../../provider/fleet/claims.ts';
import { keyInSet, ReleaseGate, type Verdict } from '../../provider/fleet/release-gate.ts';
import { createFakeTime } from '../defender/fake-time.ts';

const machine = (number: number) => number.toString(16).padStart(40, '0') as MachineId;

/** A run over `hosts` contained hosts that were all read. */
function setUp(hosts: number, allowReleases?: string, changes: { contained?: boolean; releasable?: boolean } = {}) {
  const time = createFakeTime();
  const claims = new Claims(time.clock);
  const gate = new ReleaseGate(claims, defaultReleaseLimits, allowReleases, time.clock, time.timer);
  for (let number = 0; number < hosts; number += 1)
    gate.noteSeen(`host-${number}`, { machineId: machine(number), contained: true, releasable: true, ...changes });
  return {
    time,
    claims,
    gate,
    /** The program declares these. */
    keep(...numbers: number[]) {
      for (const number of numbers) claims.claim(`host-${number}`, { machineId: machine(number) });
    },
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('ReleaseGate', () => {
  it('semantics 8.1: is decided once for all: what was read and is not declared goes, so the first deletion is refused already', () => {
    const { gate, keep } = setUp(100);
    keep(...range(0, 94));
    const verdict = gate.requestForDelete(machine(94));
    expect(verdict).to.include({ allowed: false, limit: 5 });
    expect(verdict.machineIds).to.deep.equal(range(94, 100).map(machine));
  });
  it('semantics 8.1: every release of a run fits, or none is sent', () => {
    const { gate, keep } = setUp(100);
    keep(...range(0, 95));
    for (const number of range(95, 100)) expect(gate.requestForDelete(machine(number)).allowed).to.equal(true);
  });
  it('semantics 8.1: the percentage is taken of the hosts contained before the change', () => {
    const { gate, keep } = setUp(9);
    keep(...range(0, 7));
    expect(gate.requestForDelete(machine(7))).to.include({ allowed: false, limit: 1 });
  });
  it('semantics 8.1: hosts that were seen and not contained do not raise it', () => {
    const { gate, keep } = setUp(9);
    gate.noteSeen('lapsed', { machineId: machine(50), contained: false, releasable: true });
    keep(...range(0, 8));
    expect(gate.requestForDelete(machine(50)), 'two of nine').to.include({ allowed: false, limit: 1 });
  });
  it('semantics 8.1: deletions of hosts that were not looked at before are gathered and judged together', async () => {
    const { gate, time } = setUp(0);
    const { signal } = new AbortController();
    const deletion = (number: number) =>
      gate.gather(`host-${number}`, machine(number), signal).then(() => gate.requestForDelete(machine(number)).allowed);
    const verdicts = [deletion(0)];
    await time.advance(1_500);
    verdicts.push(deletion(1));
    await time.advance(1_500);
    verdicts.push(deletion(2));
    await time.advance(2_000);
    expect(await Promise.all(verdicts)).to.deep.equal([false, false, false]);
  });
  it('does not hold up the deletion of a host that was read', async () => {
    const { gate, time } = setUp(10);
    await gate.gather('host-3', machine(3), new AbortController().signal);
    expect(time.pending()).to.equal(0);
  });
  it('semantics 8.1: a refusal sticks, also for a release that would fit alone', () => {
    const { gate, keep, claims } = setUp(100);
    keep(...range(0, 94));
    const first = gate.requestForDelete(machine(94));
    for (const number of range(95, 99)) claims.claim(`host-${number}`, { machineId: machine(number) });
    expect(gate.requestForDelete(machine(99))).to.equal(first);
  });
  it('semantics 6.4: a host that another declaration claims is not among them', () => {
    const { gate, keep, claims } = setUp(10);
    keep(...range(0, 8));
    claims.claim('renamed', { machineId: machine(8) });
    const verdict = gate.requestForDelete(machine(9));
    expect(verdict.allowed).to.equal(true);
    expect(verdict.machineIds).to.deep.equal([machine(9)]);
  });
  it('semantics 5.4, 8.1: what would not be released when deleted does not count', () => {
    const { gate } = setUp(10, undefined, { releasable: false });
    expect(gate.requestForDelete(machine(3)).machineIds).to.deep.equal([machine(3)]);
  });
  it('semantics 8.1: hosts that were never read are counted as they come', () => {
    const { gate } = setUp(0);
    const verdicts = range(0, 3).map((number) => gate.requestForDelete(machine(number)).allowed);
    expect(verdicts).to.deep.equal([true, false, false]);
  });
  it('semantics 8.1: the same host asked for twice is one release', () => {
    const { gate } = setUp(0);
    expect([gate.requestForDelete(machine(1)).allowed, gate.requestForDelete(machine(1)).allowed]).to.deep.equal([
      true,
      true,
    ]);
  });
  it('semantics 8.1: replacements and changes of type count, unless they are withdrawn', () => {
    const { gate, keep } = setUp(10);
    keep(...range(0, 10));
    for (const number of range(0, 3)) gate.intend(`host-${number}`, machine(number));
    expect(gate.preview(machine(0)).allowed).to.equal(false);
    gate.withdraw('host-2');
    expect(gate.preview(machine(0)).allowed).to.equal(true);
    expect(gate.requestForDelete(machine(0)).machineIds).to.deep.equal([machine(0), machine(1)]);
  });
  it('semantics 8.1: a preview decides nothing for the run', () => {
    const { gate, keep } = setUp(10);
    keep(...range(0, 10));
    for (const number of range(0, 3)) gate.intend(`host-${number}`, machine(number));
    gate.preview(machine(0));
    for (const number of range(1, 3)) gate.withdraw(`host-${number}`);
    expect(gate.requestForDelete(machine(0)).allowed).to.equal(true);
  });
  it('semantics 8.1: the first reading counts: what a run has changed since does not shrink the baseline', () => {
    const { gate, keep } = setUp(10);
    keep(...range(0, 8));
    for (const number of range(0, 10))
      gate.noteSeen(`host-${number}`, { machineId: machine(number), contained: false, releasable: false });
    expect(gate.requestForDelete(machine(8)).machineIds).to.have.length(2);
    expect(gate.requestForDelete(machine(8)).allowed).to.equal(true);
  });
  it('semantics 8.4: the override for exactly these hosts lets them go', () => {
    const override = releaseOverride(range(0, 60).map(machine));
    const { gate } = setUp(60, override);
    expect(gate.requestForDelete(machine(0))).to.include({ allowed: true, staleOverride: false });
  });
  it('semantics 8.4: one for other hosts is ignored, and told to be stale', () => {
    const { gate } = setUp(60, releaseOverride(range(0, 59).map(machine)));
    const verdict = gate.requestForDelete(machine(0));
    expect(verdict).to.include({ allowed: false, staleOverride: true });
    expect((verdict as { override: string }).override).to.equal(releaseOverride(range(0, 60).map(machine)));
  });

  describe('limits of a set of hosts', () => {
    const none = { maxReleases: 0, maxReleasePercent: 0 };
    const wide = { maxReleases: 100, maxReleasePercent: 100 };
    const inSet = (number: number) => keyInSet('set', `host-${number}`);
    const make = (limits: ReleaseLimits, allowReleases?: string) => {
      const time = createFakeTime();
      const gate = new ReleaseGate(new Claims(time.clock), wide, undefined, time.clock, time.timer);
      gate.tighten('set', { limits, allowReleases });
      return { gate, time };
    };
    it('semantics 8.3: none may go, where nobody looked at them before, as after a changed configuration', () => {
      const { gate } = make(none);
      for (const number of range(0, 3)) gate.intend(inSet(number), machine(number));
      expect(gate.preview(machine(0))).to.include({ allowed: false, limit: 0, tightenedBy: 'set' });
      expect(gate.requestForDelete(machine(0))).to.include({ allowed: false, limit: 0, tightenedBy: 'set' });
    });
    it('semantics 8.1: hold for deletions that nobody foresaw', async () => {
      const { gate, time } = make({ maxReleases: 1, maxReleasePercent: 100 });
      const { signal } = new AbortController();
      const deletions = [0, 1].map((number) =>
        gate.gather(inSet(number), machine(number), signal).then(() => gate.requestForDelete(machine(number))),
      );
      await time.advance(2_000);
      for (const verdict of await Promise.all(deletions))
        expect(verdict).to.include({ allowed: false, limit: 1, tightenedBy: 'set' });
    });
    it('semantics 8.1: the percentage is of what the set contained', () => {
      const { gate } = make({ maxReleases: 100, maxReleasePercent: 20 });
      for (const number of range(0, 10))
        gate.noteSeen(inSet(number), { machineId: machine(number), contained: true, releasable: false });
      for (const number of range(10, 99))
        gate.noteSeen(`other-${number}`, { machineId: machine(number), contained: true, releasable: false });
      for (const number of range(0, 2)) gate.intend(inSet(number), machine(number));
      expect(gate.preview().allowed).to.equal(true);
      gate.intend(inSet(2), machine(2));
      expect(gate.preview()).to.include({ allowed: false, limit: 2, tightenedBy: 'set' });
    });
    it('semantics 8.1: are not those of another set', () => {
      const { gate } = make(none);
      gate.intend(keyInSet('other', 'host-0'), machine(0));
      expect(gate.preview().allowed).to.equal(true);
    });
    it('semantics 8.4: the override that the set bears lets all releases of the run through', () => {
      const { gate } = make(none, releaseOverride(range(0, 3).map(machine)));
      for (const number of range(0, 3)) gate.intend(inSet(number), machine(number));
      expect(gate.preview().allowed).to.equal(true);
      gate.intend('single', machine(3));
      expect(gate.preview()).to.include({ allowed: false, staleOverride: true });
    });
  });

  describe('a release that is part of an update', () => {
    const ask = (gate: ReleaseGate, signal = new AbortController().signal) => {
      const answer: { verdict?: Verdict | undefined; done: boolean } = { done: false };
      void gate.requestForUpdate(machine(0), signal).then((verdict) => {
        answer.verdict = verdict;
        answer.done = true;
      });
      return answer;
    };
    it('semantics 6.4: waits for 5 s without a new claim', async () => {
      const { gate, keep, time } = setUp(10);
      keep(...range(0, 10));
      const answer = ask(gate);
      await time.advance(4_000);
      keep(1);
      await time.advance(4_999);
      expect(answer.done).to.equal(false);
      await time.advance(1);
      expect(answer.verdict?.allowed).to.equal(true);
    });
    it('semantics 6.4: also where the last claim was long ago: another may be on its way', async () => {
      const { gate, keep, time } = setUp(10);
      keep(...range(0, 10));
      await time.advance(60_000);
      const answer = ask(gate);
      await time.advance(4_999);
      expect(answer.done).to.equal(false);
      await time.advance(1);
      expect(answer.done).to.equal(true);
    });
    it('semantics 6.4, 8.1: what is claimed meanwhile counts', async () => {
      const { gate, keep, time } = setUp(10);
      keep(0);
      const answer = ask(gate);
      await time.advance(2_000);
      keep(...range(1, 10));
      await time.advance(5_000);
      expect(answer.verdict?.machineIds).to.deep.equal([machine(0)]);
    });
    it('semantics 8.5: aborted meanwhile, it has no answer, and nothing is decided', async () => {
      const { gate, keep, time } = setUp(10);
      keep(...range(0, 10));
      const abort = new AbortController();
      const answer = ask(gate, abort.signal);
      await time.advance(1_000);
      abort.abort();
      await time.advance(0);
      expect(answer).to.deep.equal({ verdict: undefined, done: true });
      expect(time.pending()).to.equal(0);
    });
  });
});
