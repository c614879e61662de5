import { errorKind, type MissingConfiguration, type PartialFailure } from '../resources/resource.ts';

/** What state is to keep of an operation that failed half-way. */
interface Kept {
  readonly failure: PartialFailure;
  readonly properties: Record<string, unknown>;
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
  constructor(where: string, cause: unknown, kept?: Kept) {
    super(messageOf(cause));
    this.details = this.message;
    this.stack = `${where} stopped; the reason stands with the resource`;
    this.id = kept?.failure.id;
    this.properties = kept?.properties;
    this.reasons = kept && [...kept.failure.reasons];
  }

  override toString(): string {
    return 'mde';
  }
}

export function isPartialFailure(error: unknown): error is PartialFailure {
  return kindOf(error) === 'partial';
}

/** An error in a person's words. */
export function messageOf(error: unknown): string {
  if (kindOf(error) === 'missing-configuration') {
    return (error as MissingConfiguration).keys
      .map(({ name, description }) => `missing configuration mde:${name}: ${description}`)
      .join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

function kindOf(error: unknown): unknown {
  return error instanceof Error ? (error as { [errorKind]?: unknown })[errorKind] : undefined;
}
