import type { OperationLog } from '../resources/resource.ts';

/** What the engine shows of a dynamic provider: the lines that its host writes. */
export interface HostOutput {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Milliseconds on any clock that only goes forward. */
  readonly now: () => number;
}

/** Every line stands for good in the run's output, so progress is told no more often than this. */
const statusPaceMs = 30_000;

/**
 * The log of one operation. The host cannot put a line into the resource's row, so each names its resource; warnings go
 * to stderr, which the engine shows in another colour.
 */
export function hostLog(resourceName: string, output: HostOutput): OperationLog {
  // The first half minute is silent: most operations end in it.
  let quietUntil = output.now() + statusPaceMs;
  const lines = (mark: string, text: string) =>
    text.split(/\r?\n/).map((line) => `mde ${resourceName}: ${mark}${line}`.trimEnd());
  return {
    info: (text) => lines('', text).forEach(output.out),
    warn: (text) => lines('warning: ', text).forEach(output.error),
    status: (text) => {
      if (output.now() < quietUntil) return;
      quietUntil = output.now() + statusPaceMs;
      lines('', text).forEach(output.out);
    },
  };
}
