import { printableLine, withoutCommands } from '../provider/printable.ts';

/**
 * A text of somebody else's (a device name, a comment, an error of the service) as it may stand in a line of ours: no
 * line breaks, no control characters or marks that reorder text, and nothing that a pipeline's log would take for a
 * command of the step.
 *
 * @param most characters that are kept; the rest is cut off, and an ellipsis says so
 */
export function shown(text: string, most = Number.POSITIVE_INFINITY): string {
  const line = withoutCommands(printableLine(text));
  const characters = Number.isFinite(most) ? [...line.slice(0, 4 * most)] : [];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}

/**
 * JSON for machines that a terminal and a pipeline's log may show as well: nothing is lost, but what could act there is
 * written as an escape.
 */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)
    .replace(/[\u007f-\u009f\p{Bidi_Control}\u2028\u2029\ufeff]/gu, escaped)
    .replace(/##(?=(?:vso)?\[)/gi, '#\\u0023')}\n`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
