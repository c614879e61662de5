import { describeProblem } from '../../provider/manifest/manifest.ts';
import { printable, withoutCommandMarks } from '../../provider/printable.ts';
import { jsonText, shown } from '../safe-text.ts';

/** One thing wrong with one file. */
export interface Finding {
  readonly file: string;
  /** From 1; undefined where the file could not be read. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Such as `hosts[3].deviceName`; '' for the whole file. */
  readonly path: string;
  readonly reason: string;
}

export const findingFormats = ['text', 'github', 'json'] as const;
/** `github`: annotations of GitHub Actions, which shows them beside the line. */
export type FindingFormat = (typeof findingFormats)[number];

/** Findings a line each, or as a list in JSON; empty text for none of them, unless it is JSON. */
export function formatFindings(findings: readonly Finding[], format: FindingFormat): string {
  switch (format) {
    case 'json':
      return jsonText(
        findings.map((finding) => ({ ...finding, line: finding.line ?? null, column: finding.column ?? null })),
      );
    case 'github':
      return findings.map((finding) => `${annotation(finding)}\n`).join('');
    case 'text':
      return findings.map((finding) => `${shown(describeProblem(problemOf(finding), finding.file))}\n`).join('');
  }
}

function problemOf({ path, line, column, reason }: Finding) {
  return {
    path,
    reason,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function annotation({ file, line, column, path, reason }: Finding): string {
  // A file may be called anything, too: whoever opens a pull request chooses its name.
  // Colons and line breaks are escaped below, so that the name stays the file's own; what acts in a log is taken out.
  const named = withoutCommandMarks(printable(file).replace(/\t/g, ' '));
  const properties = { file: named, line, col: column };
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  const written = given.map(([name, value]) => `${name}=${escapeProperty(String(value))}`).join(',');
  const message = path === '' ? reason : `${path}: ${reason}`;
  return `::error ${written}::${escapeData(shown(message))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
