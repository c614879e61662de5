import type { ApiRequest, Call } from './call.ts';
import type { Fields } from './odata/fields.ts';
import { largestPage, type Page, parseQuery, selectPage } from './odata/query.ts';
import { jsonReply, type Reply } from './reply.ts';

type Addressed = Pick<ApiRequest, 'host' | 'base'>;

function contextOf({ host, base }: Addressed): string {
  return `https://${host}${base}/$metadata#`;
}

export function entityReply(call: Addressed, status: number, set: string, json: string): Reply {
  const context = JSON.stringify(`${contextOf(call)}${set}/$entity`);
  return jsonReply(status, `{"@odata.context":${context},${json.slice(1)}`);
}

/** A single value of a primitive type, such as `Edm.String`. */
export function valueReply(call: Addressed, type: string, value: string): Reply {
  return jsonReply(200, JSON.stringify({ '@odata.context': `${contextOf(call)}${type}`, value }));
}

export function listReply<Row>(
  call: Call,
  set: string,
  rows: readonly Row[],
  fields: Fields<Row>,
  toJson: (row: Row) => string,
): Reply {
  const { parts, parameters, distortion } = call;
  const asked = parseQuery(parameters, fields, parts.settings);
  const isReversed = distortion.order === 'reversed';
  const order = isReversed ? asked.order.map((one) => ({ ...one, descending: !one.descending })) : asked.order;
  const query = { ...asked, order };
  const page = selectPage(rows, query, parameters, Math.min(parts.settings.pageSize, largestPage));
  const head = [`"@odata.context":${JSON.stringify(contextOf(call) + set)}`];
  if (page.count !== undefined) head.push(`"@odata.count":${page.count + (distortion.countError ?? 0)}`);
  const shown = distortion.order === 'each-page-reversed' ? page.rows.toReversed() : page.rows;
  const value = `"value":[${shown.map(toJson).join(',')}]`;
  const link = nextLink(call, page);
  const tail = link === undefined ? [] : [`"@odata.nextLink":${JSON.stringify(link)}`];
  return jsonReply(200, `{${[...head, value, ...tail].join(',')}}`);
}

function nextLink(call: Call, { next }: Page<unknown>): string | undefined {
  const { host, base, segments, parameters, distortion } = call;
  const path = `${base}/${segments.join('/')}`;
  if (distortion.nextLink?.to === 'itself') return `https://${host}${path}?${parameters.toString()}`;
  if (distortion.nextLink?.to === 'origin') return `${distortion.nextLink.origin}${path}?${next ?? '$skip=1'}`;
  return next === undefined ? undefined : `https://${host}${path}?${next}`;
}
