/** Lines of one kind that stay, and names of one enumeration. */
const kept = 3;

/** `    laptop-7.contoso.com: why`, and then the same of another host. */
const hostLine = /^(?<indent>\s+)(?<host>\S+\.\S+): (?<reason>.*)$/;
/** Names after one another, as in a reason that concerns many hosts. */
const names = /(?:[\w-]+(?:\.[\w-]+)+, ){8,}[\w-]+(?:\.[\w-]+)+/g;

/** Leaves of many hosts of which the same is said the first few, and says how many there are beside them. */
export function shortenLists(lines: readonly string[]): readonly string[] {
  return withoutRepetition(lines.map(withoutNames), kindOf, (line) => /^\s*/.exec(line)?.[0] ?? '');
}

/**
 * A table of `pulumi-mde`: of rows with the same first cell the first few, and each line cut where the screen ends.
 * @param text lines that sum up, then head, rule and rows, with a `|` around each cell
 */
export function shortenTable(text: string, width: number): readonly string[] {
  const cut = (line: string) => (line.startsWith('|') && line.length > width ? `${line.slice(0, width - 1)}…` : line);
  const firstCell = (line: string) => (line.startsWith('|') ? line.split('|', 2)[1]?.trim() : undefined);
  const lines = text.trimEnd().split('\n');
  return withoutRepetition(lines, firstCell, () => '| ').map(cut);
}

function withoutRepetition(
  lines: readonly string[],
  kindOf: (line: string) => string | undefined,
  indentOf: (line: string) => string,
): readonly string[] {
  const out: string[] = [];
  for (let from = 0; from < lines.length; ) {
    const kind = kindOf(lines[from] ?? '');
    let to = from + 1;
    while (kind !== undefined && to < lines.length && kindOf(lines[to] ?? '') === kind) to += 1;
    // One line that says so is no shorter than one line more.
    const shown = to - from <= kept + 1 ? to : from + kept;
    out.push(...lines.slice(from, shown));
    if (shown < to) out.push(`${indentOf(lines[from] ?? '')}… and ${to - shown} more`);
    from = to;
  }
  return out;
}

function kindOf(line: string): string | undefined {
  const { indent, reason } = hostLine.exec(line)?.groups ?? {};
  return reason === undefined ? undefined : `${indent}${reason}`;
}

function withoutNames(line: string): string {
  return line.replace(names, (found) => {
    const all = found.split(', ');
    return `${all.slice(0, kept).join(', ')} … and ${all.length - kept} more`;
  });
}
