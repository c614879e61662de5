/** Folds a line that is wider than `width`; what follows stands `hanging` columns further in than its beginning. */
export function wrap(line: string, width: number, hanging: number): readonly string[] {
  const indent = (/^ */.exec(line)?.[0] ?? '') + ' '.repeat(hanging);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    // A word that is wider than the screen is left whole, so that it can be copied.
    const end = space > indent.length ? space : rest.indexOf(' ', width);
    if (end === -1) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = indent + rest.slice(end + 1);
  }
  return [...lines, rest];
}
