import { errorKind, type MissingConfiguration, type PartialFailure } from './resources/resource.ts';

/** Something was done, and the operation still failed. */
export function isPartialFailure(error: unknown): error is PartialFailure {
  return kindOf(error) === 'partial';
}

export function isMissingConfiguration(error: unknown): error is MissingConfiguration {
  return kindOf(error) === 'missing-configuration';
}

/** Its message is a person's words; of anything else the message is nobody's business. */
export function isUserError(error: unknown): error is Error {
  return kindOf(error) === 'user' || isPartialFailure(error) || isMissingConfiguration(error);
}

/** What to show of an error that nobody foresaw: no more than a line, since the rest may be a stack. */
export function firstLineOf(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return first.trim() === '' ? 'an error without a message' : first;
}

function kindOf(error: unknown): unknown {
  return error instanceof Error ? (error as { [errorKind]?: unknown })[errorKind] : undefined;
}
