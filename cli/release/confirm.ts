import type { CliPorts } from '../ports.ts';

/**
 * Whether so many releases are really meant. On a terminal the count is typed; a script states it with --yes-release, and
 * any other number means that it expected other hosts. Answers why not.
 */
export async function refusal(
  count: number,
  yesRelease: number | undefined,
  ports: Pick<CliPorts, 'terminal' | 'signal'>,
): Promise<string | undefined> {
  if (yesRelease !== undefined) {
    if (yesRelease === count) return undefined;
    return `--yes-release says ${yesRelease}, but ${count} would be released. Nothing was sent; look at the list, then say --yes-release ${count}.`;
  }
  if (!ports.terminal.interactive) {
    return `Nothing was sent: there is no terminal to confirm at. If all of these are to be released: --yes-release ${count}.`;
  }
  const answer = await ports.terminal.ask(
    `Type ${count} to release ${count === 1 ? 'this host' : `these ${count} hosts`}; anything else sends nothing: `,
    ports.signal,
  );
  if (ports.signal.aborted) return 'Stopped. Nothing was sent.';
  return answer?.trim() === String(count) ? undefined : 'Not confirmed. Nothing was sent.';
}
