/**
 * A text that a terminal shows as it stands: line breaks and tabs are kept, while escape sequences, other control
 * characters and marks that reorder text are taken out. Names of devices and people come from the service, and nobody
 * may use them to repaint somebody else's terminal.
 */
export function printable(text: string): string {
  return (
    text
      .replace(/\r\n?|\u2028|\u2029/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Bidi_Control}\ufeff]/gu, '')
      .toWellFormed()
  );
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/**
 * The text without what a pipeline's log would take for a command of the step, be it a line of several or the only one.
 * Azure DevOps looks for `##vso[` anywhere in a line, GitHub Actions for `##[` and for `::` at its beginning, blanks
 * before it or not.
 */
export function withoutCommands(text: string): string {
  return withoutCommandMarks(text).replace(/^([^\S\n]*)::/gm, '$1: :');
}

/** Of these the ones that count anywhere in a line: `##vso[` and `##[`. */
export function withoutCommandMarks(text: string): string {
  return text.replace(/##(?=(?:vso)?\[)/gi, '# #');
}
