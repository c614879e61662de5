/** A filter, ready but for URL encoding. Built only by the functions below, so that no value is ever read as syntax. */
export type Filter = string & { readonly __brand: 'Filter' };

/** A property of the service's entities, such as `machineId`; never user input. */
export type PropertyName =
  | 'id'
  | 'machineId'
  | 'type'
  | 'status'
  | 'computerDnsName'
  | 'machineTags'
  | 'healthStatus'
  | 'onboardingStatus'
  | 'osPlatform'
  | 'riskScore'
  | 'exposureLevel'
  | 'deviceValue'
  | 'lastSeen'
  | 'creationDateTimeUtc'
  | 'indicatorValue';

/** A string literal: quotes doubled (OData 4.01 URL conventions §5.1.1.11.1). Half a character cannot stand in a URL. */
function literal(value: string): string {
  return `'${value.toWellFormed().replaceAll("'", "''")}'`;
}

/** `property in ('a','b')`, or `eq` for a single value. `values` must not be empty. */
export function isOneOf(property: PropertyName, values: readonly string[]): Filter {
  const [first] = values;
  if (first === undefined) throw new RangeError(`${property}: a filter over no values would match nothing`);
  if (values.length === 1) return `${property} eq ${literal(first)}` as Filter;
  return `${property} in (${values.map(literal).join(',')})` as Filter;
}

/** A text that begins with one of `beginnings`, as they are spelt. `beginnings` must not be empty. */
export function startsWithOneOf(property: PropertyName, beginnings: readonly string[]): Filter {
  if (beginnings.length === 0) throw new RangeError(`${property}: a filter over no values would match nothing`);
  const tests = beginnings.map((beginning) => `startswith(${property},${literal(beginning)})`);
  return (tests.length === 1 ? tests.join('') : `(${tests.join(' or ')})`) as Filter;
}

/** A list of texts that holds one of `values`, as they are spelt. `values` must not be empty. */
export function holdsOneOf(property: PropertyName, values: readonly string[]): Filter {
  if (values.length === 0) throw new RangeError(`${property}: a filter over no values would match nothing`);
  const tests = values.map((value) => `item eq ${literal(value)}`);
  return `${property}/any(item: ${tests.join(' or ')})` as Filter;
}

/** Times are written without quotes. @param at ms since the epoch */
export function since(property: PropertyName, at: number): Filter {
  return `${property} ge ${new Date(at).toISOString()}` as Filter;
}

export function allOf(filters: readonly Filter[]): Filter | undefined {
  return filters.length === 0 ? undefined : (filters.join(' and ') as Filter);
}

/** A query string, `?` included; absent options are left out. */
export function queryString(options: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/**
 * `values` in groups whose filter stays under `maxBytes` of URL once encoded; front ends refuse URLs from about 8 kB.
 */
export function chunked(values: readonly string[], maxBytes = 6500): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const value of values) {
    const bytes = encodeURIComponent(`${literal(value)},`).length;
    if (size + bytes > maxBytes) {
      chunks.push([]);
      size = 0;
    }
    chunks.at(-1)?.push(value);
    size += bytes;
  }
  return chunks;
}
