import type { ManifestProblem, Place } from './manifest.ts';
import { formatPath, type PropertyPath } from './property-path.ts';
import { shownText } from './shown.ts';

/** A problem as it is found. */
export interface Found {
  readonly path: PropertyPath;
  /** A function where the words are costly to find, since only the first problems are told. */
  readonly reason: string | (() => string);
  /** Offset in the text, where it is not the one of the path: the second of two equal keys, say. */
  readonly offset?: number;
}

export type Report = (path: PropertyPath, reason: Found['reason'], offset?: number) => void;

/** What the data came from: where things stand in it. */
export interface Origin {
  /** A number that grows along the text, or along the data where there is no text. */
  orderOf(path: PropertyPath): number;
  /** Undefined for inline data. */
  placeOf(path: PropertyPath): Place | undefined;
  placeAt(offset: number): Place | undefined;
}

/** More than this nobody reads at once. */
const mostProblems = 50;

/** A path as long as anybody reads; a key may be as long as the whole text. */
const longestPath = 300;

/** Problems in the order of the text, one for each place and path, and no more than can be read. */
export function inOrder(found: readonly Found[], origin: Origin): readonly ManifestProblem[] {
  const distinct = new Map<string, { readonly problem: Found; readonly path: string; readonly order: number }>();
  for (const problem of found) {
    const path = formatPath(problem.path);
    const order = problem.offset ?? origin.orderOf(problem.path);
    const key = `${problem.offset ?? ''} ${path}`;
    if (!distinct.has(key)) distinct.set(key, { problem, path, order });
  }
  const sorted = [...distinct.values()].sort((a, b) => a.order - b.order);
  const problems: ManifestProblem[] = sorted.slice(0, mostProblems).map(({ problem, path }) => ({
    path: path.length > longestPath ? `${path.slice(0, longestPath - 1).replace(/[\ud800-\udbff]$/, '')}…` : path,
    ...(problem.offset === undefined ? origin.placeOf(problem.path) : origin.placeAt(problem.offset)),
    reason: typeof problem.reason === 'string' ? problem.reason : problem.reason(),
  }));
  const more = sorted.length - problems.length;
  if (more > 0) problems.push({ path: '', reason: `and ${more} more` });
  return problems;
}

/** `quarantine.yaml:7:5: hosts[1].deviceName: …`: a line that editors and pipelines understand. */
export function describeProblem({ path, line, column, reason }: ManifestProblem, file?: string): string {
  const place = line === undefined ? [] : [file === undefined ? `line ${line}, column ${column}` : `${line}:${column}`];
  const where = file === undefined ? place : [[file, ...place].join(':')];
  return shownText([...where, ...(path === '' ? [] : [path]), reason].join(': '));
}
