import { entityReply, listReply } from './answers.ts';
import { readObject } from './body.ts';
import type { Call } from './call.ts';
import type { Bearer } from './entra.ts';
import { ApiError, notFound } from './errors.ts';
import { indicatorKey, readIndicator } from './indicator.ts';
import type { Indicator, IndicatorAuthor } from './indicators.ts';
import { type Field, type Fields, type FieldType, type FieldValue, fieldsOf } from './odata/fields.ts';
import { emptyReply, type Reply } from './reply.ts';
import { ticksOf } from './time.ts';

const indicatorFields: Fields<Indicator> = fieldsOf('Microsoft.WindowsDefenderATP.Api.Indicator', [
  indicatorField('indicatorValue', 'string', true, ({ body }) => body.indicatorValue),
  indicatorField('indicatorType', 'string', true, ({ body }) => body.indicatorType),
  indicatorField('action', 'string', true, ({ body }) => body.action),
  indicatorField('severity', 'string', true, ({ body }) => body.severity),
  indicatorField('title', 'string', true, ({ body }) => body.title),
  indicatorField('application', 'string', true, ({ body }) => body.application),
  indicatorField('createdBy', 'string', true, ({ body }) => body.createdBy),
  indicatorField('createdByDisplayName', 'string', true, ({ body }) => body.createdByDisplayName),
  indicatorField('creationTimeDateTimeUtc', 'datetime', true, ({ created }) => created),
  indicatorField('expirationTime', 'datetime', true, ({ expires }) => expires ?? null),
  indicatorField('generateAlert', 'boolean', true, ({ body }) => body.generateAlert),
  indicatorField('rbacGroupNames', 'strings', true, ({ body }) => body.rbacGroupNames),
  indicatorField('rbacGroupIds', 'strings', true, ({ body }) => body.rbacGroupIds),
  indicatorField('id', 'string', false, ({ body }) => body.id),
  indicatorField('description', 'string', false, ({ body }) => body.description),
  indicatorField('externalId', 'string', false, ({ body }) => body.externalId),
  indicatorField('sourceType', 'string', false, ({ body }) => body.sourceType),
]);

function indicatorField(
  name: string,
  type: FieldType,
  filterable: boolean,
  value: (row: Indicator) => FieldValue,
): Field<Indicator> {
  return { name, type, filterable, value };
}

export function listIndicators(call: Call): Reply {
  const { estate, bearer } = call;
  const rows = estate.indicators.all().filter((one) => isVisible(one, bearer));
  return listReply(call, 'Indicators', rows, indicatorFields, ({ body }) => JSON.stringify(body));
}

/** 200 for a new one as for a change. */
export function putIndicator(call: Call): Reply {
  const { estate, bearer, parts } = call;
  const request = readIndicator(readObject(call.body), ticksOf(parts.clock.now()), parts.settings);
  const key = indicatorKey(request, parts.settings);
  const known = estate.indicators.find((body) => indicatorKey(body, parts.settings) === key);
  if (known !== undefined && !isVisible(known, bearer) && parts.settings.foreignIndicator === 'forbid') {
    throw new ApiError(403, 'Forbidden', 'The indicator was created by another application');
  }
  const { body } = estate.indicators.put(request, authorOf(bearer));
  return entityReply(call, 200, 'Indicators', JSON.stringify(body));
}

export function deleteIndicator({ estate, id, bearer }: Call): Reply {
  const indicator = estate.indicators.find((body) => body.id === id);
  if (indicator === undefined || !isVisible(indicator, bearer)) throw notFound('Indicator', id);
  estate.indicators.delete(indicator);
  return emptyReply();
}

/** An app without `Ti.ReadWrite.All` knows only what it made itself. */
function isVisible({ body }: Indicator, { delegated, permissions, appId }: Bearer): boolean {
  return delegated || permissions.includes('Ti.ReadWrite.All') || body.createdBy === appId;
}

function authorOf({ userPrincipalName, appId, appDisplayName }: Bearer): IndicatorAuthor {
  if (userPrincipalName !== undefined) {
    return { id: userPrincipalName, displayName: userPrincipalName, sourceType: 'User', source: 'PublicApi' };
  }
  return { id: appId, displayName: appDisplayName, sourceType: 'AadApp', source: 'PublicApi' };
}
