/** A row of the engine's progress display: mark, type, name, then what happens and what the provider says to it. */
const row = /^ (?<mark>[ +\-~><=!]{2,4}) (?<type>\S+:\S+:\S+) (?<name>\S+) (?<status>.*)$/;

/** Lines at the end that tell nothing of hosts. */
const idle = [/^Duration:/, /^The resources in the stack have been deleted/, /^If you want to remove the stack/];

/**
 * What the engine printed, shortened to what a person on a terminal is left with: of each resource its last row, without
 * the message that stands under Diagnostics anyway; no dots, no blank lines, no rows of the stack itself.
 * @param output of a command that was not run on a terminal, without colours
 */
export function shorten(output: string): readonly string[] {
  const lines = output.split(/\r?\n/).map((line) => line.trimEnd());
  const rows = new Map<string, string>();
  const before: string[] = [];
  const after: string[] = [];
  for (const line of lines) {
    if (line === '' || line.startsWith('@ ') || line.includes('[unknown]')) continue;
    if (idle.some((pattern) => pattern.test(line))) continue;
    const { type, name } = row.exec(`${line} `)?.groups ?? {};
    if (type === undefined) (rows.size === 0 ? before : after).push(line);
    else if (type !== 'pulumi:pulumi:Stack') rows.set(`${type} ${name}`, line);
  }
  const start = lines.indexOf('Diagnostics:');
  const said = start < 0 ? [] : lines.slice(start).map((line) => line.trim());
  return [...before, ...[...rows.values()].map((line) => withoutMessage(line, said)), ...after];
}

function withoutMessage(line: string, said: readonly string[]): string {
  const message = said.find((text) => text !== '' && line.endsWith(text));
  return message === undefined ? line : line.slice(0, -message.length).replace(/[; ]+$/, '');
}
