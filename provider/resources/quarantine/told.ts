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

  /** Hands on what was told, in one message, after the host's work is done. */
  info(log: OperationLog): void {
    const lines = [...new Set(this.infos.splice(0))];
    if (lines.length > 0) log.info(capped(lines, 20).join('\n'));
  }

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

/** Each failure once: isolating and restricting a host may meet the same. */
export function distinct(failures: readonly HostFailure[]): readonly HostFailure[] {
  return [...new Map(failures.map((each) => [`${each.host}\n${each.reason}`, each])).values()];
}

/** Failures by reason, each reason once with its hosts. */
export function byReason(failures: readonly HostFailure[]): readonly string[] {
  const groups = new Map<string, { readonly said: Said; readonly failures: HostFailure[] }>();
  for (const failure of failures) {
    const said = saidOf(failure);
    const key = `${said.heading}${said.text}`.replace(anyId, '');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { said, failures: [failure] });
    else group.failures.push(failure);
  }
  const lines = [...groups.values()].map(({ said, failures: [first, ...others] }) => {
    const { host = '', reason = '' } = first ?? {};
    if (others.length > 0) return `${said.heading}${namesOf([host, ...others.map((each) => each.host)])}: ${said.text}`;
    // A reason of one host names it itself, mostly with its machine id.
    return reason.toLowerCase().includes(host) ? reason : `${host}: ${reason}`;
  });
  return capped(lines);
}

/** What a failure says without saying of whom: equal for all hosts that meet the same. */
interface Said {
  /** `NOT CONTAINED: `, or nothing. */
  readonly heading: string;
  readonly text: string;
}

/** `NOT CONTAINED: pc-7.contoso.com (1de9…): `, as the messages of one host begin. */
const ofOneHost = /^(NOT [A-Z ]+: )?(\S+)( \([0-9a-f]{40}\))?: /;
const anyId = / [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** All but those that are to be quoted to Microsoft's support, of which one will do for all. */
const actionIds = new RegExp(`(?<!correlation id|quote)${anyId.source}`, 'g');

function saidOf({ host, reason }: HostFailure): Said {
  const found = ofOneHost.exec(reason);
  const [all = '', heading = '', named = '', id] = found ?? [];
  const isOfHost = id !== undefined || named.toLowerCase() === host;
  const text = isOfHost ? reason.slice(all.length) : reason;
  return { heading: isOfHost ? heading : '', text: text.replace(actionIds, '') };
}

export function namesOf(hosts: readonly string[]): string {
  const shown = hosts.slice(0, namesAtMost).join(', ');
  const count = hosts.length === 1 ? '' : `${hosts.length} hosts: `;
  return hosts.length > namesAtMost ? `${count}${shown} and ${hosts.length - namesAtMost} more` : `${count}${shown}`;
}

/** What is told of a fault of ours with one host: a line, since the rest may be a stack. */
export function unexpected(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return `unexpected: ${first}`;
}
