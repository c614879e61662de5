import { describeDuration } from '../../containment/duration.ts';
import { isolation, type Pair } from '../../containment/pair.ts';
import type { RateWindow } from '../../defender/throttle.ts';

/** How far a set has come. */
export interface Progress {
  readonly total: number;
  /** Contained, for all that is known. */
  readonly isolated: number;
  readonly failed: number;
  /** Sent, and not carried out yet. */
  readonly waiting: number;
  /** Requests that are still to be sent. */
  readonly unsent: number;
  /** Of this run, sent and carried out. */
  readonly released: number;
}

/** `412/1000 isolated, 3 failed, about 6 min (90 calls a minute)`: the row of the live display is short, so news first. */
export function progressText(progress: Progress, windows: readonly RateWindow[], { words }: Pair = isolation): string {
  const { total, isolated, failed, waiting, unsent, released } = progress;
  const parts = [`${isolated}/${total} ${words.applied}`];
  if (released > 0) parts.push(`${released} ${words.released}`);
  if (failed > 0) parts.push(`${failed} failed`);
  const left = paceOf(unsent, windows);
  parts.push(...left);
  if (left.length === 0 && waiting > 0) parts.push(`${waiting} waiting for their devices`);
  return parts.join(', ');
}

/** `about 6 min (90 calls a minute)`, where so many requests take any time; else nothing. */
export function paceOf(unsent: number, windows: readonly RateWindow[]): readonly string[] {
  const left = sendingMs(unsent, windows);
  return left > 0 ? [`about ${describeDuration(left)} (${paceText(windows)})`] : [];
}

/** The least time that so many calls take: the windows slide, so it is the strictest of them that tells. */
export function sendingMs(calls: number, windows: readonly RateWindow[]): number {
  return Math.max(0, ...windows.map((window) => Math.floor(Math.max(0, calls - 1) / window.calls) * window.periodMs));
}

function paceText(windows: readonly RateWindow[]): string {
  const shortest = windows.reduce((a, b) => (b.periodMs < a.periodMs ? b : a));
  return shortest.periodMs === 60_000
    ? `${shortest.calls} calls a minute`
    : `${shortest.calls} calls in ${describeDuration(shortest.periodMs)}`;
}
