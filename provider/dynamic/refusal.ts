import { firstLineOf, isMissingConfiguration, isUserError } from '../error-kind.ts';

/** What state is to keep of an operation that failed half-way. */
interface Kept {
  readonly id: string;
  readonly properties: Record<string, unknown>;
  readonly reasons: string[];
}

/**
 * What the dynamic host is given as an error. For some operations it prints `error: error.stack` into the run's output,
 * for all of them it sends `message`: so people get the message once, beside the resource, and no stack.
 */
export class Refusal extends Error {
  /** FAILED_PRECONDITION, where the host lets it through: the engine takes UNKNOWN for "state may be corrupt". */
  readonly code = 9;
  readonly details: string;
  /** With these three the host tells the engine that the resource exists, and what to keep of it. */
  readonly id: string | undefined;
  readonly properties: Record<string, unknown> | undefined;
  readonly reasons: string[] | undefined;

  /** @param where operation and resource, for the one line that the host prints */
  constructor(where: string, message: string, kept?: Kept) {
    super(message);
    this.details = this.message;
    this.stack = `${where} stopped; the reason stands with the resource`;
    this.id = kept?.id;
    this.properties = kept?.properties;
    this.reasons = kept?.reasons;
  }

  override toString(): string {
    return 'mde';
  }
}

/** An error in a person's words. */
export function messageOf(error: unknown): string {
  if (isMissingConfiguration(error)) {
    return error.keys.map(({ name, description }) => `missing configuration mde:${name}: ${description}`).join('\n');
  }
  return isUserError(error) ? error.message : `unexpected: ${firstLineOf(error)}`;
}
