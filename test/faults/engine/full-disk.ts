import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startEngine } from '../../engine/engine-process.ts';
import { failed, succeeded, tells } from '../../engine/outcome.ts';
import { fromManifest } from '../../engine/quarantine/fleet.ts';
import { Broken } from '../broken.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { judgeRecord, judgeState, toldIn } from './judge.ts';
import { makeStage, rateLimits, type Stage, stackFile, stateText } from './stage.ts';

const hosts = 100;
const guardrails = { maxReleases: hosts, maxReleasePercent: 100 };

/** Bytes that a file may have; between what the engine writes before the set is created and what it writes after. */
const roomBefore = 14_336;
const roomForNothing = 512;

/**
 * `pulumi up` that can write no file of more than so many bytes: a limit of the process stands for a full disk, since
 * it needs no privileges, and the engine does the same on a tmpfs that is full.
 */
async function upWithoutRoom(stage: Stage, bytes: number): Promise<string> {
  const { engine, folder } = stage;
  const limited = { ...engine, pulumi: '/bin/sh' };
  // In blocks of 512 bytes.
  const script = 'ulimit -f "$0" && exec "$@"';
  const up = [engine.pulumi, 'up', '--yes', '--skip-preview', '--non-interactive', '--stack', 'dev'];
  const text = failed(await startEngine(limited, ['-c', script, String(bytes / 512), ...up], folder).ended);
  tells(text, 'failed to save snapshot', 'file too large');
  return text;
}

/**
 * What the engine could not write whole it has put in place all the same, and over its own backup too. `putBack` puts in
 * place what is left: the state of the run before, of which the backend keeps a history.
 */
async function restore(stage: Stage, putBack: () => Promise<unknown>): Promise<void> {
  const writes = stage.writes();
  tells(failed(await stage.up()), 'failed to load checkpoint');
  if (stage.writes() !== writes) throw new Broken('I6', 'a run without a state that can be read writes');
  await putBack();
  succeeded(await stage.pulumi(['cancel', '--yes']));
}

async function fullAfterwards(stage: Stage): Promise<void> {
  const machines = stage.addNew(hosts);
  const ids = [...machines.values()];
  stage.declare({ fleet: fromManifest() }, { rateLimits, guardrails });
  stage.write([...machines.keys()]);
  await upWithoutRoom(stage, roomBefore);
  if (stage.isolates().length !== hosts)
    throw new Error(`${stage.isolates().length} isolations were asked for by then`);
  await restore(stage, async () => {
    rmSync(stackFile(stage));
    const made = await stage.engine.run(['stack', 'init', 'dev', '--non-interactive'], { cwd: stage.folder });
    succeeded(made);
  });
  await converges(stage);
  judgeRecord(stage.control, { declared: ids, isolated: ids });
  judgeState(stage.control, ids, toldIn(stateText(stage), stage.control));
}

async function fullBefore(stage: Stage): Promise<void> {
  const machines = [...stage.addNew(10)];
  const ids = machines.map(([, id]) => id);
  stage.declare({ fleet: fromManifest() }, { guardrails });
  stage.write(machines.map(([name]) => name));
  succeeded(await stage.up());
  stage.write(machines.slice(5).map(([name]) => name));
  await upWithoutRoom(stage, roomForNothing);
  if (stage.unisolates().length > 0) throw new Broken('I6', 'hosts are released though no state can be written');
  await restore(stage, async () => copyFileSync(lastInHistory(stage), stackFile(stage)));
  await converges(stage);
  judgeRecord(stage.control, { declared: ids.slice(5), isolated: ids, released: ids.slice(0, 5) });
  judgeState(stage.control, ids.slice(5), toldIn(stateText(stage), stage.control));
}

function lastInHistory(stage: Stage): string {
  const history = join(dirname(stackFile(stage)), '../../history/containment/dev');
  const whole = readdirSync(history).filter(
    (name) => name.endsWith('.checkpoint.json') && isWhole(join(history, name)),
  );
  return join(history, whole.sort().at(-1) ?? 'none');
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

async function on(play: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await makeStage();
  try {
    await play(stage);
  } finally {
    await stage.end();
  }
}

/** The engine tries for half a minute to write a state, and again; so this is not in the short form. */
export const fullDiskRows: readonly FaultRow[] = [
  {
    fault: 'disk full while the state is written',
    on: 'engine',
    expected:
      'non-zero; with the state of the run before one up converges, one request a host; full from the start, nothing is sent',
    short: false,
    async run() {
      await Promise.all([on(fullAfterwards), on(fullBefore)]);
      return 'so';
    },
  },
];
