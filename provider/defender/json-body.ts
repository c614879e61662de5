import { withoutCredentials } from './credential-shapes.ts';

export type JsonObject = { readonly [name: string]: unknown };

/** The object that `text` holds, or undefined for anything else: HTML, nothing at all, half an answer, an array. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A non-empty text, or null: the service writes null, and sometimes nothing, where it knows nothing. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The service's error envelope; the code may be empty and the target absent (OData's own errors are like that). */
export interface ErrorEnvelope {
  readonly code: string;
  readonly message: string;
  readonly target: string | undefined;
}

/** Characters; tokens of many groups come to a few thousand. */
const longestToken = 64 * 1024;

/**
 * The envelope, fit to be shown. Gateways quote the request that they refuse, headers and all.
 * @param token what the request was signed with
 */
export function errorEnvelope(body: JsonObject | undefined, token?: string): ErrorEnvelope | undefined {
  const error = asObject(body?.error);
  if (error === undefined) return undefined;
  // As much as may be shown, and a whole token that begins in it; the answer may have megabytes.
  const shown = (value: unknown, limit: number) =>
    cleanText(withoutCredentials((asText(value) ?? '').slice(0, limit * 4 + longestToken), token), limit);
  return {
    code: shown(error.code, 100),
    message: shown(error.message, 500),
    target: textOrNull(error.target) === null ? undefined : shown(error.target, 100),
  };
}

/** Foreign text fit to be shown: one line, no control or direction-changing characters, cut at `limit`. */
export function cleanText(text: string, limit: number): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
