import { describeMoment } from '../containment/duration.ts';
import { type OneShotAction, type OneShotType, oneShotActions } from '../containment/one-shot-actions.ts';
import { isolation, type Pair, pairs } from '../containment/pair.ts';
import type { Outcome, RunEntry } from '../fleet/run-record.ts';

/** Most lines of a group that are told; a run's end fits on one screen. */
const linesAtMost = 8;

/** Most hosts that are named in a line. */
const namesAtMost = 8;

interface HeadingOfPair {
  readonly outcome: Outcome;
  readonly heading: (pair: Pair) => string;
  readonly listed: boolean;
}

interface HeadingOfOneShot {
  readonly outcome: Outcome;
  readonly oneShot: (action: OneShotAction) => string;
  readonly listed: boolean;
}

const headings: readonly (HeadingOfPair | HeadingOfOneShot)[] = [
  { outcome: 'not-contained', heading: ({ words }) => `NOT ${words.CONTAINED}`, listed: true },
  { outcome: 'not-contained-yet', heading: ({ words }) => `NOT ${words.CONTAINED} YET`, listed: true },
  { outcome: 'not-released', heading: ({ words }) => `NOT ${words.RELEASED} YET`, listed: true },
  { outcome: 'not-done', oneShot: ({ DONE }) => `NOT ${DONE}`, listed: true },
  { outcome: 'not-done-yet', oneShot: ({ DONE }) => `NOT ${DONE} YET`, listed: true },
  { outcome: 'failed', heading: unobserved, listed: true },
  { outcome: 'refused', heading: ({ words }) => `${words.theRelease} refused or put off`, listed: true },
  { outcome: 'held', heading: ({ words }) => `${words.released} by hand, and left so`, listed: true },
  { outcome: 'left', heading: ({ words }) => `left ${words.applied}`, listed: true },
  { outcome: 'isolated', heading: ({ words }) => words.applied, listed: false },
  { outcome: 'renewed', heading: renewed, listed: false },
  { outcome: 'released', heading: ({ words }) => words.released, listed: false },
  { outcome: 'done', oneShot: ({ summary }) => summary, listed: false },
];

function unobserved({ name, words }: Pair): string {
  return name === 'isolation' ? 'could not be observed' : `could not be observed whether ${words.applied}`;
}

function renewed({ name, words }: Pair): string {
  return name === 'isolation' ? 'renewed' : `${words.applied} again`;
}

/**
 * The end of a run (semantics 9): first what is not contained and not released, then refusals and what was left alone,
 * then what was done, and until when containment is certain. Empty where there is nothing to say.
 */
export function summaryOf(entries: readonly RunEntry[]): readonly string[] {
  const lines: string[] = [];
  for (const row of headings) {
    const ofOutcome = entries.filter(({ outcome }) => outcome === row.outcome);
    for (const { heading, group } of groupsOf(row, ofOutcome)) {
      if (group.length === 0) continue;
      lines.push(row.listed ? `${heading} (${group.length}):` : `${heading}: ${hostsOf(group)}`);
      if (row.listed) lines.push(...reasonsOf(group));
    }
  }
  const unchanged = entries.filter((entry) => entry.outcome === 'unchanged').length;
  if (lines.length > 0 && unchanged > 0) lines.push(`unchanged: ${unchanged}`);
  // A renamed resource and its successor tell of the same host.
  const byHost = new Map(
    entries.flatMap((entry) => (entry.coveredUntil === undefined ? [] : [[entry.host, entry.coveredUntil] as const])),
  );
  const covered = [...byHost.values()];
  if (covered.length > 0) {
    const hosts = covered.length === 1 ? '1 host is contained' : `${covered.length} hosts are contained`;
    lines.push(`${hosts}, for certain until ${describeMoment(Math.min(...covered))} unless a run renews it before`);
  }
  return lines;
}

/** Entries of one outcome by what they are about. */
function groupsOf(
  row: HeadingOfPair | HeadingOfOneShot,
  entries: readonly RunEntry[],
): readonly { readonly heading: string; readonly group: readonly RunEntry[] }[] {
  if ('heading' in row) {
    return pairs.map((pair) => ({
      heading: row.heading(pair),
      group: entries.filter((entry) => (entry.pair ?? isolation.name) === pair.name),
    }));
  }
  return (Object.keys(oneShotActions) as OneShotType[]).map((type) => ({
    heading: row.oneShot(oneShotActions[type]),
    group: entries.filter(({ oneShot }) => oneShot === type),
  }));
}

/** A line a reason. */
function reasonsOf(group: readonly RunEntry[]): string[] {
  const byReason = new Map<string, RunEntry[]>();
  for (const entry of group) {
    const reason = firstSentence(entry.reason);
    byReason.set(reason, [...(byReason.get(reason) ?? []), entry]);
  }
  const told = [...byReason].slice(0, linesAtMost);
  const lines = told.map(([reason, entries]) => `  ${namesOf(entries)}: ${reason}`);
  const untold = group.length - told.reduce((sum, [, entries]) => sum + entries.length, 0);
  if (untold > 0) lines.push(`  … and ${untold} more`);
  return lines;
}

/** What happened; the way on stands with the resource itself. */
function firstSentence(reason: string): string {
  return reason.split(/\. (?=[A-Z])/, 1)[0] ?? reason;
}

function hostsOf(group: readonly RunEntry[]): string {
  return `${group.length} (${namesOf(group)})`;
}

function namesOf(group: readonly RunEntry[]): string {
  const names = group.slice(0, namesAtMost).map((entry) => entry.host);
  const more = group.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
