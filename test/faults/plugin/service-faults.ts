import type { FaultEffect, FaultRule } from '../../../simulator/faults.ts';
import { Broken } from '../broken.ts';
import type { PluginFault, Scene } from './story.ts';

const minute = 60_000;
const isolate = 'POST machines/{id}/isolate';
const unisolate = 'POST machines/{id}/unisolate';

const toAll = (effect: FaultEffect): readonly FaultRule[] => [{ effect }];
const toReads = (effect: FaultEffect): readonly FaultRule[] => [{ effect, method: 'GET' }];
const toWrites = (effect: FaultEffect): readonly FaultRule[] => [
  { effect, route: isolate },
  { effect, route: unisolate },
];
/** As often as a call is repeated without giving up. */
const toSome = (effect: FaultEffect): readonly FaultRule[] =>
  ['GET machines', 'GET machines/{id}', 'GET machineactions'].map((route) => ({ effect, route, count: 3 }));

const answer = (status: number, more: { body?: string; headers?: Record<string, string> } = {}): FaultEffect => ({
  kind: 'answer',
  status,
  ...more,
});
const errorBody = JSON.stringify({ error: { code: 'InternalServerError', message: 'Something broke', target: '' } });

/** 429 to everything, for ten minutes from now on. */
function storm({ world }: Scene, headers?: Record<string, string>): void {
  const id = world.control.addFault({ effect: answer(429, headers === undefined ? {} : { headers }) });
  world.clock.after(10 * minute, () => {
    if (world.control.faults().some((fault) => fault.id === id)) world.control.removeFault(id);
  });
}

/** What the service answers, or does not. */
export const serviceFaults: readonly PluginFault[] = [
  {
    fault: '429 with Retry-After',
    expected: 'waits as it is asked to, and ends well',
    short: true,
    rules: [{ effect: answer(429, { headers: { 'Retry-After': '7' } }), percent: 50 }],
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '429 without Retry-After',
    expected: 'waits a minute each time, and ends well',
    short: false,
    rules: [{ effect: answer(429), percent: 40 }],
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '429 to all for ten minutes',
    expected: 'waits until the storm is over, and ends well',
    short: true,
    begin: (scene) => {
      storm(scene);
      return () => undefined;
    },
    beforeUp: (scene) => storm(scene),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '429 to all for ten minutes, Retry-After of 5 s',
    expected: 'waits until the storm is over, and ends well',
    short: false,
    begin: (scene) => {
      storm(scene, { 'Retry-After': '5' });
      return () => undefined;
    },
    beforeUp: (scene) => storm(scene, { 'Retry-After': '5' }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '500 to everything',
    expected: 'nothing is written; the host, HTTP 500 and what to do are told',
    short: false,
    rules: toAll(answer(500)),
    ends: 'failing',
    writes: 'none',
    tells: [/HTTP 500/, /[Tt]ry again|[Rr]un again/],
  },
  {
    fault: '500 to every write',
    expected: 'looked for in the history, isolates once more, releases not; told as not certain',
    short: true,
    rules: toWrites(answer(500)),
    preview: 'well',
    ends: 'failing',
    writes: 'some',
    tells: [/NOT CONTAINED FOR CERTAIN/, /HTTP 500/, /[Nn]ext run|[Rr]un again/],
    after: (scene, { writes }) => {
      expectAtMost(writes, isolate, scene, 2);
      expectAtMost(writes, unisolate, scene, 1);
    },
  },
  {
    fault: '502 with an HTML page to everything',
    expected: 'nothing is written; told without the page',
    short: true,
    rules: toAll(answer(502)),
    ends: 'failing',
    writes: 'none',
    tells: [/HTTP 502/, /[Tt]ry again|[Rr]un again/],
  },
  {
    fault: '502 with an HTML page to every write',
    expected: 'looked for in the history; told as not certain, without the page',
    short: false,
    rules: toWrites(answer(502)),
    preview: 'well',
    ends: 'failing',
    writes: 'some',
    tells: [/FOR CERTAIN/, /HTTP 502/],
  },
  {
    fault: '503 to everything',
    expected: 'nothing is written; told',
    short: false,
    rules: toAll(answer(503, { headers: { 'Retry-After': '20' } })),
    ends: 'failing',
    writes: 'none',
    tells: [/HTTP 503/, /[Tt]ry again|[Rr]un again/],
  },
  {
    fault: '503 to the first reads of each kind',
    expected: 'repeated, and ends well',
    short: false,
    rules: toSome(answer(503)),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '403 to every write',
    expected: 'each host is named, with the role to look at; sent once each',
    short: false,
    rules: toWrites(
      answer(403, { body: JSON.stringify({ error: { code: 'Forbidden', message: 'no', target: 'x' } }) }),
    ),
    preview: 'well',
    ends: 'failing',
    writes: 'some',
    tells: [/HTTP 403/, /Machine\.Isolate/],
    after: (scene, { writes }) => {
      expectAtMost(writes, isolate, scene, 1);
      expectAtMost(writes, unisolate, scene, 1);
    },
  },
  {
    fault: 'reset before the answer, of everything',
    expected: 'nothing is written; told',
    short: false,
    rules: toAll({ kind: 'reset-before' }),
    ends: 'failing',
    writes: 'none',
    tells: [/connection broke|no connection/, /[Tt]ry again|[Rr]un again/],
  },
  {
    fault: 'reset before every write is carried out',
    expected: 'looked for in the history, isolates once more, releases not; told as not certain',
    short: false,
    rules: toWrites({ kind: 'reset-before' }),
    preview: 'well',
    ends: 'failing',
    writes: 'some',
    tells: [/FOR CERTAIN/, /connection broke/],
    after: (scene, { writes }) => {
      expectAtMost(writes, isolate, scene, 2);
      expectAtMost(writes, unisolate, scene, 1);
    },
  },
  {
    fault: 'reset after every write was accepted',
    expected: 'found in the history by its mark: one request each, and ends well',
    short: true,
    rules: toWrites({ kind: 'reset-after' }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'half a body: first reads, every write',
    expected: 'reads are repeated, writes found in the history: one request each, and ends well',
    short: true,
    rules: [...toSome({ kind: 'half-body' }), ...toWrites({ kind: 'half-body' })],
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'half a body of everything',
    expected: 'nothing is written; told',
    short: false,
    rules: toAll({ kind: 'half-body' }),
    ends: 'failing',
    writes: 'none',
    tells: [/connection broke/],
  },
  {
    fault: 'bodies of reads that never end',
    expected: 'read up to a limit, then told; nothing is written',
    short: false,
    rules: [{ effect: { kind: 'endless' }, route: 'GET machineactions' }],
    ends: 'failing',
    writes: 'none',
    tells: [/larger than|no answer in time/],
  },
  {
    fault: 'bodies of writes that never end',
    expected: 'found in the history: one request each, and ends well',
    short: false,
    rules: toWrites({ kind: 'endless' }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'no answer ever, to reads',
    expected: 'each is given two minutes and repeated, then told; nothing is written',
    short: false,
    rules: toReads({ kind: 'hang' }),
    process: { clock: { hangsAfterMs: 400 } },
    ends: 'failing',
    writes: 'none',
    tells: [/no answer in time/, /[Tt]ry again|[Rr]un again/],
  },
  {
    fault: 'no answer ever, to writes',
    expected: 'found in the history after two minutes: one request each, and ends well',
    short: false,
    rules: toWrites({ kind: 'hang' }),
    process: { clock: { hangsAfterMs: 400 } },
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '200 with an error in it, to reads',
    expected: 'nothing is written; the error is told',
    short: true,
    rules: toReads(answer(200, { body: errorBody, headers: { 'Content-Type': 'application/json' } })),
    ends: 'failing',
    writes: 'none',
    tells: [/HTTP 200 with an error in it: InternalServerError/],
  },
  {
    fault: '200 with an error in it, to writes that are carried out',
    expected: 'found in the history: one request each, and ends well',
    short: false,
    rules: toWrites({ kind: 'garbage', body: errorBody }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: '200 with no JSON, to reads',
    expected: 'nothing is written; told',
    short: false,
    rules: toReads({ kind: 'garbage' }),
    ends: 'failing',
    writes: 'none',
    tells: [/HTTP 200 with an unreadable body/],
  },
  {
    fault: '200 with half of the JSON, to all',
    expected: 'nothing is written; told',
    short: false,
    rules: toAll({ kind: 'truncated' }),
    ends: 'failing',
    writes: 'none',
    tells: [/HTTP 200 with an unreadable body/],
  },
  {
    fault: 'a slow trickle',
    expected: 'waited for, and ends well',
    short: false,
    rules: toAll({ kind: 'trickle', bytes: 64, everyMs: 3 }),
    ends: 'well',
    writes: 'as-declared',
  },
];

function expectAtMost(
  writes: readonly { readonly route: string; readonly url: string }[],
  route: string,
  { world, ids }: Scene,
  most: number,
): void {
  for (const id of Object.values(ids)) {
    const sent = writes.filter((write) => write.route === route && write.url.includes(id));
    if (sent.length > most)
      throw new Broken('I3', `${sent.length} times ${route} for ${world.control.machine(id).computerDnsName}`);
  }
}
