import { styleText } from 'node:util';
import { describeMoment, toRfc3339 } from '../../provider/containment/duration.ts';
import { jsonText, shown } from '../safe-text.ts';
import { type Cell, codeSpan, table } from '../table.ts';
import { type HostStatus, type Standing, standings } from './host-status.ts';

export const statusFormats = ['text', 'markdown', 'json'] as const;
export type StatusFormat = (typeof statusFormats)[number];

export interface StatusReport {
  /** Worst first. */
  readonly hosts: readonly HostStatus[];
  /** How many hosts the manifest declares; undefined where none was given. */
  readonly declared: number | undefined;
  /** Contained hosts that are neither declared nor told among `hosts`. */
  readonly others:
    | {
        readonly contained: number;
        /** Of those, how many carry a mark of some pulumi-mde. */
        readonly marked: number;
        readonly stackGiven: boolean;
      }
    | undefined;
}

/** Most characters of a comment in a table; the whole is in the JSON. */
const commentAtMost = 60;
/** A pull request's comment holds 65,536 characters at GitHub, and the pipeline adds some of its own. */
const markdownAtMost = 60_000;

export function formatStatus(report: StatusReport, format: StatusFormat, colours: boolean): string {
  switch (format) {
    case 'json':
      return jsonText(asData(report));
    case 'markdown':
      return asMarkdown(report);
    case 'text':
      return asText(report, colours);
  }
}

/** The first line of every format for people: counts, worst first. */
function summaryLine({ hosts, declared, others }: StatusReport): string {
  const counts = (Object.keys(standings) as Standing[]).flatMap((standing) => {
    const count = hosts.filter((host) => host.standing === standing).length;
    return count === 0 ? [] : [`${count} ${standings[standing].heading}`];
  });
  if (declared === undefined) {
    if (hosts.length === 0) return 'No host of this tenant is contained or about to be.';
    return `${hostsOf(hosts.length)} of this tenant ${hosts.length === 1 ? 'is' : 'are'} contained, or about to be, or may be: ${counts.join(', ')}.`;
  }
  const told = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
  const aside =
    others === undefined || others.contained === 0
      ? ''
      : ` ${others.contained} more of this tenant are contained and not declared here.`;
  return `${hostsOf(declared)} declared${told}.${aside}`;
}

/** What a person may overlook. */
function notes({ others }: StatusReport): readonly string[] {
  if (others === undefined || others.marked === 0 || others.stackGiven) return [];
  return [
    `${hostsOf(others.marked)} not declared here carry the mark of a pulumi-mde stack. Which of them a run would release is told with --stack PROJECT/STACK/RESOURCE.`,
  ];
}

function hostsOf(count: number): string {
  return count === 1 ? '1 host' : `${count} hosts`;
}

const header = ['', 'host', 'machine id', 'state', 'isolated by', 'since', 'certain until', 'comment', 'what and why'];

function rowOf(host: HostStatus, heading: string): readonly Cell[] {
  return [
    { own: heading },
    host.deviceName ?? '',
    host.machineId ?? '',
    host.state,
    host.requestors.join(', '),
    host.since === undefined ? '' : describeMoment(host.since),
    host.coveredUntil === undefined ? '' : describeMoment(host.coveredUntil),
    shown(host.comment ?? '', commentAtMost),
    host.path === undefined ? host.reason : `${host.path}: ${host.reason}`,
  ];
}

function asText(report: StatusReport, colours: boolean): string {
  const lines = [summaryLine(report), ...notes(report)];
  if (report.hosts.length > 0) {
    const rows = report.hosts.map((host) => rowOf(host, standings[host.standing].heading));
    const [head = '', rule = '', ...body] = table(header, rows, 'text').split('\n');
    const coloured = body.map((line, index) => {
      const standing = report.hosts[index]?.standing;
      return colours && standing !== undefined
        ? styleText(standings[standing].colour, line, { validateStream: false })
        : line;
    });
    lines.push('', head, rule, ...coloured);
  }
  return `${lines.join('\n')}\n`;
}

/** For a pull request: what would be released comes first, and what is in sync is only counted. */
function asMarkdown(report: StatusReport): string {
  const release = report.hosts.filter(({ standing }) => standing === 'would-release').length;
  const hosts = report.hosts.filter(({ standing }) => standing !== 'in-sync');
  const top = [
    '### Containment',
    '',
    ...(report.declared === undefined
      ? []
      : [release === 0 ? 'Nothing would be released.' : `**${hostsOf(release)} WOULD BE RELEASED.**`, '']),
    summaryLine(report),
    ...notes(report).flatMap((note) => ['', note]),
    '',
  ].join('\n');
  if (hosts.length === 0) return top;
  const rows = hosts.map((host) => rowOf(host, markedHeading(host.standing)));
  const [head = '', rule = '', ...body] = table(header, rows, 'markdown').split('\n');
  const kept: string[] = [];
  let left = markdownAtMost - top.length - head.length - rule.length - cutNote(hosts.length).length - 10;
  for (const line of body) {
    left -= line.length + 1;
    if (left < 0) break;
    kept.push(line);
  }
  const cut = body.length - kept.length;
  return `${[top, head, rule, ...kept, ...(cut === 0 ? [] : ['', cutNote(cut)])].join('\n')}\n`;
}

function markedHeading(standing: Standing): string {
  const { heading, inSync } = standings[standing];
  return inSync ? heading : `**${heading}**`;
}

function cutNote(count: number): string {
  return `… and ${hostsOf(count)} more; ${codeSpan('pulumi-mde status --json')} tells all.`;
}

function asData({ hosts, declared, others }: StatusReport) {
  const counts = Object.fromEntries(
    (Object.keys(standings) as Standing[]).map((standing) => [
      standing,
      hosts.filter((host) => host.standing === standing).length,
    ]),
  );
  const moment = (ms: number | undefined) => (ms === undefined ? null : toRfc3339(ms));
  return {
    declared: declared ?? null,
    counts,
    otherContained: others?.contained ?? null,
    otherMarked: others?.marked ?? null,
    hosts: hosts.map((host) => ({
      standing: host.standing,
      machineId: host.machineId ?? null,
      deviceName: host.deviceName ?? null,
      path: host.path ?? null,
      line: host.line ?? null,
      state: host.state,
      requestors: host.requestors,
      since: moment(host.since),
      coveredUntil: moment(host.coveredUntil),
      comment: host.comment ?? null,
      reason: host.reason,
    })),
  };
}
