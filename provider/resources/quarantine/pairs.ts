/** A word and what is known beside it, on one line: `isolated, ours, actionId=…`. Pairs without a value are flags. */
export function textOfPairs(word: string, pairs: readonly (readonly [string, string])[]): string {
  return [word, ...pairs.map(([name, value]) => (value === '' ? name : `${name}=${escaped(value)}`))].join(', ');
}

export function pairsOf(text: string): { readonly word: string; readonly pairs: ReadonlyMap<string, string> } {
  const [word = '', ...rest] = text.split(', ');
  const pairs = rest.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at === -1 ? [pair, ''] : [pair.slice(0, at), unescaped(pair.slice(at + 1))];
  });
  return { word, pairs: new Map(pairs) };
}

/** What would end a pair or the line's first part; names of people and apps may hold anything. */
function escaped(value: string): string {
  return value.replace(/[%,|\p{Cc}]|: /gu, (found) =>
    [...Buffer.from(found)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
