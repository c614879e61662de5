import type { EngineProcess } from '../../engine/engine-process.ts';
import { isRunning, pluginsOf } from '../../engine/plugin-process.ts';
import { until } from '../../engine/until.ts';
import { shown, type World } from '../../engine/world.ts';
import type { KillPoint } from './points.ts';

export type Victim = 'plugin' | 'engine' | 'both';

export const victims: readonly Victim[] = ['plugin', 'engine', 'both'];

/** What of a world a kill needs. */
export interface Killable extends Pick<World, 'control' | 'engine'> {
  start(args: readonly string[]): EngineProcess;
  pulumi(args: readonly string[]): ReturnType<World['pulumi']>;
}

/**
 * Starts `pulumi up`, kills the victim when its run has sent so many writes to `route`, and waits until every process of
 * the run is gone. What a killed engine leaves locked is unlocked.
 *
 * @param command what the provider's processes show as their command
 */
export async function upAndKill(
  world: Killable,
  { after, moment }: KillPoint,
  victim: Victim,
  { route, command }: { readonly route: string; readonly command?: string },
): Promise<void> {
  const { control } = world;
  const of = {
    between: { effect: { kind: 'hang', before: true }, from: after + 1 },
    accepted: { effect: { kind: 'hang' }, from: after },
    'going-on': { effect: { kind: 'delay', ms: 0 }, from: after },
  } as const;
  const trap = control.addFault({ route, ...of[moment] });
  const run = world.start(['up', '--yes', '--skip-preview']);
  let ended = false;
  const end = run.ended.finally(() => {
    ended = true;
  });
  const isSprung = () => control.faults().some(({ id, fired }) => id === trap && fired > 0);
  await until(`${after} writes`, () => isSprung() || ended);
  if (!isSprung()) throw new Error(`the run ended before ${after} writes:\n${shown(await end)}`);
  const plugins = pluginsOf(world, command);
  if (plugins.length === 0) throw new Error('the run has no provider process');
  if (victim !== 'engine') for (const pid of plugins) process.kill(pid, 'SIGKILL');
  if (victim !== 'plugin') run.kill('SIGKILL');
  const { code } = await end;
  if (code === 0) throw new Error('the killed run ended well');
  await until('the processes of the killed run have ended', () => !plugins.some(isRunning), 10_000);
  control.clearFaults();
  if (victim === 'plugin') return;
  const cancelled = await world.pulumi(['cancel', '--yes']);
  if (cancelled.code !== 0) throw new Error(`pulumi cancel failed:\n${shown(cancelled)}`);
}
