import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fleet, makeFleet } from '../../engine/quarantine/fleet.ts';

/** As many runs at a time as a small machine has cores. */
export const lanes = 2;

/** Of the provider, so that a large set is written as fast as it goes. */
export const rateLimits = { perMinute: 100_000, perHour: 10_000_000, share: 1 };

/** A world in which one run after another is killed: much cheaper than one world each. */
export interface Stage extends Fleet {
  /** Makes the stack one that was never run, in a tenant whose earlier requests are too old to matter. */
  startAnew(): void;
  /** Adds machines that are called like no others; answers their ids, by name. */
  addNew(count: number): ReadonlyMap<string, string>;
}

export async function makeStage(): Promise<Stage> {
  const fleet = await makeFleet({ limits: { perMinute: 100_000, perHour: 10_000_000 } });
  const loseState = stateLoser(fleet);
  let added = 0;
  return {
    ...fleet,
    startAnew() {
      loseState();
      fleet.control.advance('13d');
    },
    addNew(count) {
      added += 1;
      const names = fleet.addHosts(count, `pc${added}`);
      return new Map(names.map((name) => [name, fleet.control.machine(name).id]));
    },
  };
}

/** Called on a stack that was never run; the answer makes it so again, whatever it was used for and whoever holds its lock. */
export function stateLoser({ engine }: Pick<Fleet, 'engine'>): () => void {
  const stack = stackFile({ engine });
  const neverRun = readFileSync(stack);
  return () => {
    writeFileSync(stack, neverRun);
    rmSync(join(backend({ engine }), 'locks'), { recursive: true, force: true });
  };
}

/** The stack's state as `pulumi stack export` prints it, without a command of the engine. */
export function stateText(world: Pick<Fleet, 'engine'>): string {
  const { checkpoint } = JSON.parse(readFileSync(stackFile(world), 'utf8')) as { checkpoint: { latest: unknown } };
  return JSON.stringify({ deployment: checkpoint.latest });
}

/** Where the stack's state lies. */
export function stackFile(world: Pick<Fleet, 'engine'>): string {
  return join(backend(world), 'stacks', 'containment', 'dev.json');
}

function backend({ engine }: Pick<Fleet, 'engine'>): string {
  return join(engine.folder, 'state', '.pulumi');
}
