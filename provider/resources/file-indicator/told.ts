/** What became of one indicator in this run. */
export type IndicatorOutcome =
  | 'not-in-force'
  | 'not-deleted'
  | 'unobserved'
  | 'held'
  | 'left'
  | 'in-force'
  | 'deleted'
  | 'unchanged';

export interface IndicatorEntry {
  readonly outcome: IndicatorOutcome;
  /** The resource's name. */
  readonly name: string;
  readonly reason: string;
}

/** What this run did and found of indicators; a later entry of a declaration replaces an earlier one. */
export class IndicatorRecord {
  readonly #entries = new Map<string, IndicatorEntry>();

  note(key: string, entry: IndicatorEntry): void {
    this.#entries.set(key, entry);
  }

  entries(): readonly IndicatorEntry[] {
    return [...this.#entries.values()];
  }
}

const worst: readonly { readonly outcome: IndicatorOutcome; readonly heading: string }[] = [
  { outcome: 'not-in-force', heading: 'FILE INDICATORS NOT AS DECLARED' },
  { outcome: 'not-deleted', heading: 'FILE INDICATORS NOT DELETED' },
  { outcome: 'unobserved', heading: 'file indicators that could not be observed' },
  { outcome: 'held', heading: 'file indicators left as strong as they were, since releases is hold' },
  { outcome: 'left', heading: 'file indicators left in place' },
];
const done: readonly { readonly outcome: IndicatorOutcome; readonly heading: string }[] = [
  { outcome: 'in-force', heading: 'file indicators set' },
  { outcome: 'deleted', heading: 'file indicators deleted' },
];

/** Most lines of a group, and names of a line, that are told; a run's end fits on one screen. */
const atMost = 8;

/** The end of a run as far as indicators go: what is not as it should be, and what was done. */
export function indicatorSummary(entries: readonly IndicatorEntry[]): {
  readonly worst: readonly string[];
  readonly done: readonly string[];
} {
  const group = (outcome: IndicatorOutcome) => entries.filter((entry) => entry.outcome === outcome);
  return {
    worst: worst.flatMap(({ outcome, heading }) => {
      const told = group(outcome);
      if (told.length === 0) return [];
      const lines = told.slice(0, atMost).map(({ name, reason }) => `  ${name}: ${firstSentence(reason)}`);
      if (told.length > atMost) lines.push(`  … and ${told.length - atMost} more`);
      return [`${heading} (${told.length}):`, ...lines];
    }),
    done: done.flatMap(({ outcome, heading }) => {
      const told = group(outcome);
      if (told.length === 0) return [];
      const names = told.slice(0, atMost).map(({ name }) => name);
      const more = told.length > atMost ? ` and ${told.length - atMost} more` : '';
      return [`${heading}: ${told.length} (${names.join(', ')}${more})`];
    }),
  };
}

function firstSentence(reason: string): string {
  return reason.split(/\. (?=[A-Z])|\n/, 1)[0] ?? reason;
}
