import { ODataError } from '../errors.ts';
import type { SwitchSettings } from '../switches.ts';
import { compileFilter } from './compile.ts';
import type { Field, Fields } from './fields.ts';
import { parseFilter } from './parse.ts';

/** A list request, understood. */
export interface ListQuery<Row> {
  readonly filter: ((row: Row) => boolean) | undefined;
  readonly order: readonly { readonly field: Field<Row>; readonly descending: boolean }[];
  readonly top: number | undefined;
  readonly skip: number;
  readonly count: boolean;
}

/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Of all pages, where asked for. */
  readonly count: number | undefined;
  /** The query string of the next page (without `?`), or undefined after the last. */
  readonly next: string | undefined;
}

/** The most that `$top` may ask for, and that one page may hold. */
export const largestPage = 10_000;

const knownButUnsupported: ReadonlySet<string> = new Set([
  '$select',
  '$expand',
  '$search',
  '$apply',
  '$compute',
  '$format',
]);

/** Reads the query options of a list. Throws an ODataError. */
export function parseQuery<Row>(
  parameters: URLSearchParams,
  fields: Fields<Row>,
  settings: SwitchSettings,
): ListQuery<Row> {
  const options = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!name.startsWith('$')) continue;
    const option = name.toLowerCase();
    if (knownButUnsupported.has(option)) {
      throw new ODataError(`Query option '${name.slice(1)}' is not allowed.`);
    }
    if (!['$filter', '$orderby', '$top', '$skip', '$count'].includes(option)) {
      throw new ODataError(`Custom query option '${name}' that starts with '$' is not supported.`);
    }
    if (options.has(option))
      throw new ODataError(
        `Query option '${name}' was specified more than once, but it must be specified at most once.`,
      );
    options.set(option, value);
  }
  const filter = options.get('$filter');
  const top = wholeNumber('$top', options.get('$top'));
  if (top !== undefined && top > largestPage && settings.topOverLimit === 'reject') {
    throw new ODataError(
      `The limit of '${largestPage}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
    );
  }
  return {
    filter:
      filter === undefined
        ? undefined
        : compileFilter(parseFilter(filter), fields, { ignoreCase: settings.filterCase === 'insensitive' }),
    order: parseOrder(options.get('$orderby'), fields),
    top: top === undefined ? undefined : Math.min(top, largestPage),
    skip: wholeNumber('$skip', options.get('$skip')) ?? 0,
    count: parseCount(options.get('$count')),
  };
}

/** Filters, orders and cuts out one page. `rows` come in the order of a list without `$orderby`. */
export function selectPage<Row>(
  rows: readonly Row[],
  query: ListQuery<Row>,
  parameters: URLSearchParams,
  pageSize: number,
): Page<Row> {
  const matching = query.filter === undefined ? rows : rows.filter(query.filter);
  const ordered = query.order.length === 0 ? matching : sorted(matching, query.order);
  const wanted = Math.min(query.top ?? Number.POSITIVE_INFINITY, Math.max(ordered.length - query.skip, 0));
  const size = Math.min(wanted, pageSize);
  return {
    rows: ordered.slice(query.skip, query.skip + size),
    count: query.count ? matching.length : undefined,
    next: size < wanted ? nextParameters(parameters, query, size) : undefined,
  };
}

function nextParameters<Row>(parameters: URLSearchParams, query: ListQuery<Row>, size: number): string {
  const next = new URLSearchParams();
  for (const [name, value] of parameters) {
    if (!['$top', '$skip'].includes(name.toLowerCase())) next.append(name, value);
  }
  if (query.top !== undefined) next.append('$top', String(query.top - size));
  next.append('$skip', String(query.skip + size));
  return next.toString().replaceAll('%24', '$');
}

function sorted<Row>(rows: readonly Row[], order: ListQuery<Row>['order']): readonly Row[] {
  const keyed = rows.map((row) => ({ row, keys: order.map(({ field }) => field.value(row)) }));
  keyed.sort((left, right) => {
    for (const [index, { descending }] of order.entries()) {
      const compared = compareKeys(left.keys[index] ?? null, right.keys[index] ?? null);
      if (compared !== 0) return descending ? -compared : compared;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

/** Null comes first. */
function compareKeys(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return (left as string) < (right as string) ? -1 : 1;
}

function parseOrder<Row>(text: string | undefined, fields: Fields<Row>): ListQuery<Row>['order'] {
  if (text === undefined) return [];
  return text.split(',').map((part) => {
    const match = /^\s*([A-Za-z_]\w*)(?:\s+(asc|desc))?\s*$/i.exec(part);
    if (match === null) throw new ODataError(`Syntax error at position ${text.length} in '${text}'.`);
    const [, name = '', direction = 'asc'] = match;
    const field = fields.byName(name);
    if (field === undefined) {
      throw new ODataError(`Could not find a property named '${name}' on type '${fields.typeName}'.`);
    }
    if (field.type === 'strings') {
      throw new ODataError(`The property '${name}' cannot be used in the $orderby query option.`);
    }
    return { field, descending: direction.toLowerCase() === 'desc' };
  });
}

function parseCount(text: string | undefined): boolean {
  switch (text?.toLowerCase()) {
    case undefined:
    case 'false':
      return false;
    case 'true':
      return true;
    default:
      throw new ODataError(
        `Invalid value '${text}' for $count query option found. Valid values are 'true' and 'false'.`,
      );
  }
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text.trim())) {
    throw new ODataError(
      `Invalid value '${text}' for ${option} query option found. The ${option} query option requires a non-negative integer value.`,
    );
  }
  return Number(text);
}
