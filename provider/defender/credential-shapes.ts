/** What stands in a text where a credential stood. */
export const withheld = '[secret]';

/**
 * What credentials look like, whoever they belong to. Each pattern begins with fixed letters, so that a long text costs
 * one look at each place, and ends where a credential must end: who writes a comment must not be able to make the rest of
 * a list disappear. No repetition is without an end: in a text of megabytes it would exhaust the stack.
 */
const shapes: readonly (readonly [RegExp, string])[] = [
  // A JWT, whole or cut off: access tokens, federated tokens, assertions. It begins with `{"`.
  [/\beyJ[\w-]{8,100000}(?:\.[\w-]{0,100000}){0,4}/g, withheld],
  // Lines of Base64, of which the last is short only before the end; `\n` may be written out.
  [
    /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:(?:\s|\\[rn]){0,4}[A-Za-z0-9+/=]{16,512}){0,500}(?:(?:\s|\\[rn]){0,4}[A-Za-z0-9+/=]{0,80}(?:\s|\\[rn]){0,4}-----END [A-Z ]{0,20}PRIVATE KEY-----)?/g,
    withheld,
  ],
  // A digit tells it from "Bearer authentication".
  [/\b(Bearer|Basic) +(?=[\w.~+/=-]{0,100000}\d)[\w.~+/=-]{12,100000}/gi, `$1 ${withheld}`],
  // A proxy's user and password.
  [/\b(https?|socks\w{0,2}):\/\/[^\s/?#@"'<>]{1,10000}@/gi, `$1://${withheld}@`],
  // What signs a link to a stored file.
  [/([?&;]sig=)[^&\s"'<>]{1,100000}/gi, `$1${withheld}`],
  // Of a request to a login host, as a form and as JSON.
  [/\b(client_secret|client_assertion|assertion|access_token|refresh_token)=[^&\s"'<>]{1,100000}/gi, `$1=${withheld}`],
  [
    /"(client_secret|client_assertion|assertion|access_token|refresh_token)" ?: ?"[^"\s]{0,100000}/gi,
    `"$1":"${withheld}`,
  ],
];

/**
 * The text without what looks like a credential.
 * @param own a token that may be in it and looks like nothing in particular
 */
export function withoutCredentials(text: string, own?: string): string {
  let clean = own === undefined || own === '' ? text : text.replaceAll(own, withheld);
  for (const [shape, instead] of shapes) clean = clean.replace(shape, instead);
  return clean;
}
