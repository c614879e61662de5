import { MINUTE } from '../../provider/containment/duration.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { firstLineOf } from '../../provider/error-kind.ts';
import { describeDefenderError } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { CliError, type CliPorts } from '../ports.ts';
import { shown } from '../safe-text.ts';
import { inSession } from '../session.ts';
import type { SignInOptions } from '../sign-in.ts';
import { type GlassRun, type Outcome, releaseHost } from './carry-out.ts';
import { refusal } from './confirm.ts';
import { hostOf, listOf, nextInGit, outcomesOf, remarksOn } from './report.ts';
import { findTargets, type Target, type Wanted } from './targets.ts';

export interface ReleaseOptions {
  readonly wanted: Wanted;
  /** Why, for people; not blank. */
  readonly comment: string;
  readonly yesRelease: number | undefined;
  /** How long each release is followed. */
  readonly timeoutMs: number;
  readonly signIn: SignInOptions;
}

export const defaultTimeoutMs = 30 * MINUTE;
/** A sign of life while devices take their time. */
const tellEveryMs = MINUTE;

/** Break glass. Answers the exit code: 0 only where every host that was named is released. */
export async function release(options: ReleaseOptions, ports: CliPorts): Promise<number> {
  const { terminal } = ports;
  return inSession(options.signIn, ports, async (runtime) => {
    const targets = await findTargets(options.wanted, runtime);
    if (targets.length === 0) throw new CliError(noneFound(options.wanted));
    terminal.out(listOf(targets));
    for (const remark of remarksOn(targets)) terminal.err(`${remark}\n`);
    const due = targets.filter(({ plan }) => plan.kind === 'release');
    const left = targets.some(({ plan }) => plan.kind === 'leave');
    if (due.length === 0) {
      terminal.err(left ? 'Nothing was sent.\n' : 'None of these is isolated. Nothing was sent.\n');
      return left ? 1 : 0;
    }
    const refused = await refusal(due.length, options.yesRelease, ports);
    if (refused !== undefined) throw new CliError(refused);
    const run: GlassRun = {
      runId: ports.newRunId(),
      comment: options.comment,
      timeoutMs: options.timeoutMs,
    };
    const outcomes = await carryOut(due, run, runtime, ports);
    terminal.out(`\n${outcomesOf(outcomes)}${nextInGit(outcomes)}`);
    const released = [...outcomes.values()].filter((outcome) => outcome.released).length;
    if (released === due.length && !left) return 0;
    const others = targets.filter(({ plan }) => plan.kind === 'leave').length;
    terminal.err(
      `${due.length - released} of ${due.length} ${due.length === 1 ? 'host was' : 'hosts were'} not released${left ? `, and ${others} more could not be sent a release` : ''}.\n`,
    );
    return 1;
  });
}

function noneFound(wanted: Wanted): string {
  switch (wanted.by) {
    case 'mark':
      return `No contained host of this tenant carries ${shown(wanted.text, 80)}. See what is contained, and by whose comment, with pulumi-mde status.`;
    case 'file':
      return `${shown(wanted.file)} declares no hosts, so there is none to release. Name them with --mark or --machine.`;
    case 'machine':
      return 'No machine was named.';
  }
}

/** All at once: the client keeps to the rate limits, and a device that is away holds up no other. */
async function carryOut(
  due: readonly Target[],
  run: GlassRun,
  runtime: Runtime,
  ports: CliPorts,
): Promise<ReadonlyMap<Target, Outcome>> {
  const outcomes = new Map<Target, Outcome>();
  const tell = (text: string) => ports.terminal.err(`[${outcomes.size}/${due.length}] ${text}\n`);
  let cancelAlarm = () => {};
  const alarm = () => {
    cancelAlarm = ports.timer.after(tellEveryMs, () => {
      tell(`${due.length - outcomes.size} still under way; Ctrl-C stops sending and tells how far it got`);
      alarm();
    });
  };
  alarm();
  try {
    await Promise.all(
      due.map(async (target) => {
        const outcome = await releaseTarget(target, run, runtime);
        outcomes.set(target, outcome);
        tell(
          `${outcome.released ? 'released' : 'NOT RELEASED'}: ${hostOf(target)}${outcome.released ? '' : `: ${shown(outcome.reason)}`}`,
        );
      }),
    );
  } finally {
    cancelAlarm();
  }
  return new Map(due.map((target) => [target, outcomes.get(target) ?? unheard]));
}

const unheard: Outcome = { released: false, reason: 'what became of it is not known' };

/** One host never stops the others. */
async function releaseTarget({ machineId }: Target, run: GlassRun, runtime: Runtime): Promise<Outcome> {
  if (machineId === undefined) return unheard;
  try {
    return await releaseHost(machineId, run, runtime);
  } catch (error) {
    const reason = isDefenderError(error) ? describeDefenderError(error) : firstLineOf(error);
    return { released: false, reason: `${reason} Look at it with status` };
  }
}
