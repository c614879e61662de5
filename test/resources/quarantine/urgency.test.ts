import { expect } from 'chai';
import type { ContainPlan } from '../../../provider/containment/contain-plan.ts';
import { sevenDays } from '../../../provider/containment/lease.ts';
import type { Observation } from '../../../provider/containment/observation.ts';
import { sendsNothing, urgency } from '../../../provider/resources/quarantine/urgency.ts';

const hour = 3_600_000;
const asOf = Date.UTC(2026, 0, 12);
const isolate = (fresh: boolean): ContainPlan => ({ kind: 'isolate', isolationType: 'Full', fresh, reason: 'x' });
/** Observed, with so many ms of certain cover left. */
const seen = (state: string, leftMs: number) =>
  ({
    state,
    asOf,
    period: { terms: sevenDays, earliestStart: asOf + leftMs - 168 * hour, isolates: [] },
  }) as unknown as Observation;

describe('who goes first in a set', () => {
  const table: readonly (readonly [string, ContainPlan, Observation, number])[] = [
    ['a cover that ends within two hours', isolate(false), seen('expiring', 2 * hour), 0],
    ['a new host', isolate(true), { state: 'released', asOf } as unknown as Observation, 1],
    ['a cover that may have ended', isolate(false), seen('uncertain', -hour), 1],
    ['a cover that ends later', isolate(false), seen('expiring', 3 * hour), 2],
    ['a host in order', { kind: 'none', reason: 'x' }, seen('isolated', 90 * hour), sendsNothing],
    ['a host that nobody can see', { kind: 'fail', reason: 'x' }, { state: 'unknown', reason: 'x' }, sendsNothing],
    ['a host that is left as it is', { kind: 'hold', reason: 'x' }, seen('released', 0), sendsNothing],
  ];
  for (const [what, plan, observation, rank] of table)
    it(`${what}: ${rank}`, () => expect(urgency(plan, observation, false)).to.equal(rank));
});
