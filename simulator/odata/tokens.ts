import { ODataError } from '../errors.ts';
import { parseTicks, type Ticks } from '../time.ts';

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'datetime'; readonly value: Ticks; readonly at: number }
  | { readonly kind: 'mark'; readonly text: '(' | ')' | ',' | ':' | '/'; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

const spacePattern = /\s+/y;
const stringPattern = /'((?:[^']|'')*)'/y;
const dateTimePattern = /\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?/iy;
const numberPattern = /-?\d+(?:\.\d+)?(?![\w-])/y;
const wordPattern = /[A-Za-z_]\w*/y;
const markPattern = /[(),:/]/y;

/** Cuts a `$filter` into its words, literals and marks. Throws an ODataError. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(spacePattern);
    const start = at;
    if (at >= text.length) return [...tokens, { kind: 'end', at }];
    const string = take(stringPattern);
    if (string !== null) {
      tokens.push({ kind: 'string', value: (string[1] ?? '').replaceAll("''", "'"), at: start });
      continue;
    }
    if (text[at] === "'")
      throw new ODataError(`There is an unterminated string literal at position ${text.length} in '${text}'.`);
    const dateTime = take(dateTimePattern);
    if (dateTime !== null) {
      const value = parseTicks(dateTime[0]);
      if (value === undefined)
        throw new ODataError(`Unrecognized 'Edm.DateTimeOffset' literal '${dateTime[0]}' at '${start}' in '${text}'.`);
      tokens.push({ kind: 'datetime', value, at: start });
      continue;
    }
    const number = take(numberPattern);
    if (number !== null) {
      tokens.push({ kind: 'number', value: Number(number[0]), at: start });
      continue;
    }
    const word = take(wordPattern);
    if (word !== null) {
      tokens.push({ kind: 'word', text: word[0], at: start });
      continue;
    }
    const mark = take(markPattern);
    if (mark === null) throw new ODataError(`Syntax error at position ${start + 1} in '${text}'.`);
    tokens.push({ kind: 'mark', text: mark[0] as '(' | ')' | ',' | ':' | '/', at: start });
  }
}
