const separator = ', ';

/** A word and what is known beside it, on one line: `isolated, ours, actionId=…`. Pairs without a value are flags. */
export function textOfPairs(word: string, pairs: readonly (readonly [string, string])[]): string {
  return [word, ...pairs.map(([name, value]) => (value === '' ? name : `${name}=${escaped(value)}`))].join(separator);
}

/**
 * The word of such a line; its pairs are told to `take`, in their order. There are tens of thousands of lines, so nothing
 * is made of them in between.
 */
export function readPairs(text: string, take: (name: string, value: string) => void): string {
  let end = text.indexOf(separator);
  const word = end === -1 ? text : text.slice(0, end);
  while (end !== -1) {
    const start = end + separator.length;
    end = text.indexOf(separator, start);
    const stop = end === -1 ? text.length : end;
    const at = text.indexOf('=', start);
    if (at === -1 || at >= stop) take(text.slice(start, stop), '');
    else take(text.slice(start, at), unescaped(text.slice(at + 1, stop)));
  }
  return word;
}

/** What would end a pair or the line's first part; names of people and apps may hold anything. */
function escaped(value: string): string {
  return value.replace(/[%,|\p{Cc}]|: /gu, (found) =>
    [...Buffer.from(found)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
}

function unescaped(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
