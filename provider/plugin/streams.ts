import type { Redaction } from '../redaction.ts';

/**
 * The engine reads the port from the first line of standard output and nothing else; a library that prints there
 * would break the start, or fill a pipe that nobody reads.
 */
export function sealStdout(): void {
  const silent = (...parameters: readonly unknown[]): boolean => {
    const done = parameters.findLast((parameter) => typeof parameter === 'function');
    if (done) setImmediate(done as () => void);
    return true;
  };
  process.stdout.write = silent as typeof process.stdout.write;
}

/** The engine prints a plugin's standard error when it dies early: no secret may have gone there. */
export function redactStderr(redaction: Redaction): void {
  const write = process.stderr.write.bind(process.stderr);
  const redacting = (chunk: unknown, ...rest: readonly unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
    return write(redaction.redact(text), ...(rest as []));
  };
  process.stderr.write = redacting as typeof process.stderr.write;
}
