import type { Excerpt, Listing } from './api.ts';
import { DefenderError } from './errors.ts';
import { asText, type JsonObject } from './json-body.ts';
import { queryString } from './odata.ts';

/** The most that one page may hold, and what the service cuts `$top` to. */
export const largestPage = 10_000;

/** More pages than any tenant needs; a service that pages for ever is not followed for ever. */
const mostPages = 200;

export interface Page {
  readonly body: JsonObject;
  /** The service's clock when it answered. */
  readonly asOf: number;
}

export interface ListQuestion<T> {
  /** Such as `GET machineactions`, for messages. */
  readonly route: string;
  /** Absolute, without a query. */
  readonly url: string;
  readonly filter?: string | undefined;
  readonly orderBy?: string | undefined;
  readonly top?: number | undefined;
  /** Where the first page's count is above this, nothing more is read. */
  readonly atMost?: number | undefined;
  /** The answer is undefined where the service holds no such thing (404). */
  fetch(url: string): Promise<Page | undefined>;
  /** Undefined where an item is not what it should be. */
  parse(item: unknown): T | undefined;
  idOf(item: T): string;
  /** The clock to give an empty answer that came without one. */
  now(): number;
}

/** Reads every page; undefined only where `atMost` is exceeded. */
export async function readList<T>(question: ListQuestion<T>): Promise<Listing<T> | undefined> {
  const pages = await readPages(question, () => false);
  return pages === undefined ? undefined : { items: pages.items, complete: pages.complete, asOf: pages.asOf };
}

/**
 * Reads pages until there are more than `limit` that fit. `complete` is false where something could not be read, and,
 * unless it is truncated, where the list's size disagrees with its count.
 */
export async function readExcerpt<T>(
  question: Omit<ListQuestion<T>, 'atMost'>,
  limit: number,
  fits: (item: T) => boolean,
): Promise<Excerpt<T>> {
  const fitting = (found: Iterable<T>) => [...found].filter(fits);
  const pages = await readPages(question, (found) => fitting(found.values()).length > limit);
  if (pages === undefined) throw new Error('a list without a limit was cut off');
  const items = fitting(pages.items);
  const isTruncated = items.length > limit;
  return { items, complete: isTruncated ? pages.allParsed : pages.complete, asOf: pages.asOf, isTruncated };
}

interface Pages<T> extends Listing<T> {
  readonly allParsed: boolean;
}

async function readPages<T>(
  question: ListQuestion<T>,
  isEnough: (found: ReadonlyMap<string, T>) => boolean,
): Promise<Pages<T> | undefined> {
  const top = question.top ?? largestPage;
  const query = (skip?: number) =>
    question.url +
    queryString({
      $filter: question.filter,
      $orderby: question.orderBy,
      $top: top,
      $skip: skip,
      $count: 'true',
    });

  const found = new Map<string, T>();
  const visited = new Set<string>();
  let allParsed = true;
  let count: number | undefined;
  let asOf: number | undefined;
  let received = 0;
  let single = true;

  for (let url: string | undefined = query(); url !== undefined; ) {
    if (visited.has(url)) throw broken(question.route, 'its nextLink leads back to a page that was already read');
    if (visited.size >= mostPages) throw broken(question.route, `it goes on after ${mostPages} pages`);
    visited.add(url);

    const page: Page | undefined = await question.fetch(url);
    if (page === undefined) break;
    asOf ??= page.asOf;
    const items = page.body.value;
    if (!Array.isArray(items)) throw broken(question.route, 'a page of it has no "value" list');
    count ??= countOf(page.body);
    if (visited.size === 1 && question.atMost !== undefined && count !== undefined && count > question.atMost) {
      return undefined;
    }
    for (const item of items) {
      const parsed = question.parse(item);
      if (parsed === undefined) allParsed = false;
      else found.set(question.idOf(parsed), parsed);
    }
    received += items.length;
    if (question.atMost !== undefined && found.size > question.atMost) return undefined;
    if (isEnough(found)) break;

    const link = page.body['@odata.nextLink'];
    if (link !== undefined && link !== null) {
      url = followable(question, asText(link));
      single = false;
    } else if (items.length > 0 && count !== undefined && received < count) {
      // `$top` may be read as a limit on the whole answer; then there is no link, though more is there.
      url = query(received);
      single = false;
    } else {
      url = undefined;
    }
  }

  // Without a count, only a lone page that was not full can be known to be everything.
  const whole = count === undefined ? single && received < top : found.size >= count;
  return { items: [...found.values()], complete: allParsed && whole, allParsed, asOf: asOf ?? question.now() };
}

/** One listing made of several questions about different things: as complete as all of them, as old as the oldest. */
export function joined<T>(listings: readonly Listing<T>[], now: number): Listing<T> {
  return {
    items: listings.flatMap((listing) => listing.items),
    complete: listings.every((listing) => listing.complete),
    asOf: listings.reduce((oldest, listing) => Math.min(oldest, listing.asOf), listings[0]?.asOf ?? now),
  };
}

function countOf(body: JsonObject): number | undefined {
  const count = body['@odata.count'];
  const value = typeof count === 'string' && /^\d+$/.test(count) ? Number(count) : count;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A nextLink gets our token, so it must lead to where the list itself came from. */
function followable<T>(question: ListQuestion<T>, link: string | undefined): string {
  const base = new URL(question.url);
  let next: URL;
  try {
    next = new URL(link ?? '', base);
  } catch {
    throw broken(question.route, 'its nextLink is not a URL');
  }
  if (link === undefined || link === '') throw broken(question.route, 'its nextLink is empty');
  if (next.origin !== base.origin || next.username !== '' || next.password !== '') {
    throw new DefenderError(
      `${question.route}: the list's nextLink leads to ${next.host}, not ${base.host}; not followed`,
      {
        kind: 'untrusted',
        route: question.route,
        next: `Set apiUrl to the host that the service names itself, if you trust ${next.host}.`,
      },
    );
  }
  next.hash = '';
  return next.href;
}

function broken(route: string, what: string): DefenderError {
  return new DefenderError(`${route}: the list cannot be trusted: ${what}`, {
    kind: 'server',
    route,
    next: 'Try again; if it stays, check that apiUrl names the Defender API itself.',
  });
}
