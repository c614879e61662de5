import type { Redaction } from '../redaction.ts';
import type { OperationLog } from '../resources/resource.ts';
import { StatusLine, type Timers } from '../status-line.ts';

/** What the engine shows of a dynamic provider: the lines that its host writes. */
export interface HostOutput {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

/** Every line stands for good in the run's output, so progress is told no more often than this. */
const statusPaceMs = 30_000;

/** The log of one operation, and the end of it. */
export interface HostLog extends OperationLog {
  /** The operation is over: its progress is not told any more. */
  end(): void;
}

/**
 * The host cannot put a line into the resource's row, so each names its resource; warnings go to stderr, which the
 * engine shows in another colour.
 */
export function hostLog(
  resourceName: string,
  { output, redaction, timers }: { output: HostOutput; redaction: Redaction; timers: Timers },
): HostLog {
  const lines = (mark: string, text: string) =>
    redaction
      .presentable(text)
      .split('\n')
      .map((line) => `mde ${resourceName}: ${mark}${line}`.trimEnd());
  const info = (text: string) => lines('', text).forEach(output.out);
  // The first half minute is silent: most operations end in it.
  const status = new StatusLine(info, { paceMs: statusPaceMs, quietMs: statusPaceMs }, timers);
  return {
    info,
    warn: (text) => lines('warning: ', text).forEach(output.error),
    status: (text) => status.set(text),
    done: info,
    end: () => status.end(),
  };
}
