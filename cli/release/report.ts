import { containmentOf } from '../../provider/containment/containment-of.ts';
import { describeMoment } from '../../provider/containment/duration.ts';
import { shown } from '../safe-text.ts';
import { table } from '../table.ts';
import type { Outcome } from './carry-out.ts';
import type { Target } from './targets.ts';

const commentAtMost = 60;

/** Every host that was named, and what is going to be done about it. */
export function listOf(targets: readonly Target[]): string {
  const rows = targets.map(({ machineId, deviceName, sight, plan }) => {
    const { requestors, since, comment } = sight === undefined ? nothing : containmentOf(sight.observation);
    return [
      { own: plan.kind === 'release' ? (plan.adopt === undefined ? 'release' : 'follow') : 'nothing' },
      deviceName ?? '',
      machineId ?? '',
      sight?.observation.state ?? 'unknown',
      requestors.join(', '),
      since === undefined ? '' : describeMoment(since),
      shown(comment ?? '', commentAtMost),
    ];
  });
  return `${table(['to do', 'host', 'machine id', 'state', 'isolated by', 'since', 'comment'], rows, 'text')}\n`;
}

const nothing = { requestors: [], since: undefined, comment: undefined };

/** What is not obvious from the list: why nothing is sent for a host, and whose wish is overridden. */
export function remarksOn(targets: readonly Target[]): readonly string[] {
  return targets.flatMap((target) => {
    const { plan, sight } = target;
    if (plan.kind !== 'release') return [`${hostOf(target)}: ${shown(plan.reason)}.`];
    const remarks: string[] = [];
    for (const { id } of plan.cancel)
      remarks.push(`${hostOf(target)}: its isolation ${id} is still under way and is cancelled first.`);
    if (plan.adopt !== undefined) {
      remarks.push(
        `${hostOf(target)}: ${shown(plan.adopt.requestor)} is releasing it already (${plan.adopt.id}); that is followed.`,
      );
    }
    const { requestors } = sight === undefined ? nothing : containmentOf(sight.observation);
    if (requestors.length > 1) {
      remarks.push(
        `${hostOf(target)}: several have isolated it (${shown(requestors.join(', '))}); a release frees it for all of them.`,
      );
    }
    return remarks;
  });
}

export function hostOf({ deviceName, machineId }: Pick<Target, 'deviceName' | 'machineId'>): string {
  const name = shown(deviceName ?? '');
  if (machineId === undefined) return name;
  return name === '' ? machineId : `${name} (${machineId})`;
}

export function outcomesOf(outcomes: ReadonlyMap<Target, Outcome>): string {
  const worstFirst = [...outcomes].sort(([, a], [, b]) => Number(a.released) - Number(b.released));
  const rows = worstFirst.map(([{ machineId, deviceName }, { released, reason }]) => [
    { own: released ? 'released' : 'NOT RELEASED' },
    deviceName ?? '',
    machineId ?? '',
    reason,
  ]);
  return `${table(['', 'host', 'machine id', 'why'], rows, 'text')}\n`;
}

/** What is to be changed where the hosts are declared, so that Git says again what is so. */
export function nextInGit(outcomes: ReadonlyMap<Target, Outcome>): string {
  const released = [...outcomes].filter(([, outcome]) => outcome.released);
  if (released.length === 0) return '';
  const unheld = released.filter(([, outcome]) => outcome.withoutHold === true);
  const places = released.map(
    ([target]) => `  ${target.place === undefined ? '' : `${target.place}  `}${hostOf(target)}`,
  );
  const lines = [
    '',
    'What to change in Git, so that it says again what is so: remove these hosts from the manifest (or their resources from',
    'the program), or change their comment to have the next run isolate them again. Until then runs leave them released.',
    '',
    ...places,
  ];
  if (unheld.length > 0) {
    lines.push(
      '',
      'These were released by a request of another, which does not carry mde-hold: a run that declares them isolates them',
      'again. Remove them before the next run:',
      '',
      ...unheld.map(([target]) => `  ${hostOf(target)}`),
    );
  }
  return `${lines.join('\n')}\n`;
}
