import type { OperationLog } from '../resource.ts';

/** Most lines of one kind that an operation tells; the rest is counted. */
const linesAtMost = 200;
/** Most hosts that are named for one reason. */
const namesAtMost = 100;

/** What the hosts of a set say, gathered: a thousand hosts speak with one voice. */
export class Told {
  readonly infos: string[] = [];
  readonly #warnings = new Set<string>();
  readonly log: OperationLog = {
    info: (text) => this.infos.push(text),
    warn: (text) => this.#warnings.add(text),
    // The set tells its own progress, and its end what was done.
    status: () => {},
    done: () => {},
  };

  /** Hands on what was warned of, in one message, each thing once. */
  warn(log: OperationLog): void {
    const lines = [...this.#warnings];
    this.#warnings.clear();
    if (lines.length > 0) log.warn(capped(lines).join('\n'));
  }
}

/** The first lines, and how many there are beside them. */
export function capped(lines: readonly string[], atMost = linesAtMost): readonly string[] {
  if (lines.length <= atMost) return lines;
  return [...lines.slice(0, atMost), `… and ${lines.length - atMost} more`];
}

/** One thing that is wrong with one host. */
export interface HostFailure {
  readonly host: string;
  readonly reason: string;
}

/** Failures by reason, each reason once with its hosts. */
export function byReason(failures: readonly HostFailure[]): readonly string[] {
  const hosts = new Map<string, string[]>();
  for (const { host, reason } of failures) {
    const group = hosts.get(reason);
    if (group === undefined) hosts.set(reason, [host]);
    else group.push(host);
  }
  const lines = [...hosts].map(([reason, group]) =>
    // A reason of one host names it itself, mostly with its machine id.
    group.length === 1 && reason.includes(group[0] ?? '') ? reason : `${namesOf(group)}: ${reason}`,
  );
  return capped(lines);
}

export function namesOf(hosts: readonly string[]): string {
  const shown = hosts.slice(0, namesAtMost).join(', ');
  const count = hosts.length === 1 ? '' : `${hosts.length} hosts: `;
  return hosts.length > namesAtMost ? `${count}${shown} and ${hosts.length - namesAtMost} more` : `${count}${shown}`;
}
