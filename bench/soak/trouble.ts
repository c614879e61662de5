import type { FaultRule } from '../../simulator/faults.ts';

/**
 * Faults of network and service that a run has to get over by itself, a row of them at a time. A lost answer to a write
 * comes once only: after a second one for the same host the rules leave it to the next run (semantics 4.1).
 */
export const troubles: readonly FaultRule[] = [
  { effect: { kind: 'answer', status: 429, headers: { 'Retry-After': '7' } }, count: 3 },
  { effect: { kind: 'answer', status: 429 }, count: 2 },
  { effect: { kind: 'answer', status: 500 }, method: 'GET', count: 3 },
  { effect: { kind: 'answer', status: 502 }, method: 'GET', count: 2 },
  { effect: { kind: 'reset-before' }, method: 'GET', count: 2 },
  { effect: { kind: 'half-body' }, method: 'GET', count: 2 },
  { effect: { kind: 'truncated' }, method: 'GET', count: 1 },
  { effect: { kind: 'answer', status: 500 }, method: 'POST', count: 1 },
  { effect: { kind: 'reset-before' }, method: 'POST', count: 1 },
  { effect: { kind: 'reset-after' }, method: 'POST', count: 1 },
  { effect: { kind: 'garbage' }, method: 'POST', count: 1 },
];

/** The service answers nothing at all. */
export const outage: FaultRule = { effect: { kind: 'answer', status: 503 } };
