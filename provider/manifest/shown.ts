/** Control characters, and marks that reorder text: in a message they could repaint or rearrange what stands around. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]+/gu;

/** A text as it may stand in a message: on one line. */
export function shownText(text: string): string {
  return text.replace(unprintable, ' ').toWellFormed();
}

/** A value in an error: short, and on one line. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : written(value);
  // Cut before anything else, so that a huge text costs nothing; in front of half a character rather than through it.
  const line = shownText(text.slice(0, 200));
  return line.length > 80 ? `${line.slice(0, 79).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // What JSON cannot hold, such as a cycle.
    return typeof value;
  }
}
