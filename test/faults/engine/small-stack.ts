import { failed, succeeded } from '../../engine/outcome.ts';
import { type Fleet, inline, makeFleet } from '../../engine/quarantine/fleet.ts';
import type { WorldOptions } from '../../engine/world.ts';
import type { FaultRow } from '../row.ts';
import { judgeRecord, judgeState, toldIn, type Wanted } from './judge.ts';

const guardrails = { maxReleases: 100, maxReleasePercent: 100 };

/** Three hosts: one declared by itself, as `single`, and two in a set, as `fleet`. */
export interface SmallStack extends Fleet {
  readonly single: string;
  readonly inSet: readonly [string, string];
  /** Machine ids of all three. */
  readonly ids: readonly string[];
  /** @param timeouts of both resources, such as `{ create: '4m' }`; they end by the service's clock, which runs 60 times as fast */
  declareAll(timeouts?: Readonly<Record<string, string>>): void;
  /** `up` that goes on past what fails, and fails; answers what a person saw. */
  upFails(): Promise<string>;
  destroyFails(): Promise<string>;
  destroySucceeds(): Promise<string>;
  judge(wanted: Omit<Wanted, 'declared'> & { readonly declared?: readonly string[] }): Promise<void>;
}

export async function makeSmallStack(options: WorldOptions = {}): Promise<SmallStack> {
  const fleet = await makeFleet({ speed: 60, ...options });
  const { control } = fleet;
  const add = (name: string) => control.addMachine({ computerDnsName: `${name}.contoso.com` }).id;
  const [single, first, second] = [add('single'), add('first'), add('second')];
  const small: SmallStack = {
    ...fleet,
    single,
    inSet: [first, second],
    ids: [single, first, second],
    declareAll(timeouts) {
      const options = timeouts === undefined ? {} : { options: { customTimeouts: timeouts } };
      fleet.declare(
        {
          single: { properties: { machineId: single, comment: 'INC-1' }, ...options },
          fleet: { ...inline([first, second].map((machineId) => ({ machineId }))), ...options },
        },
        { guardrails },
      );
    },
    upFails: async () => failed(await fleet.up('--continue-on-error')),
    destroyFails: async () => failed(await fleet.destroy('--continue-on-error')),
    destroySucceeds: async () => succeeded(await fleet.destroy()),
    async judge(wanted) {
      const declared = wanted.declared ?? [];
      judgeRecord(control, { ...wanted, declared });
      judgeState(control, declared, toldIn(await fleet.exportState(), control));
    },
  };
  small.declareAll();
  return small;
}

/** A row that plays on a small stack of its own. `play` answers what was seen. */
export function smallRow(
  row: Omit<FaultRow, 'on' | 'run'>,
  options: WorldOptions,
  play: (stack: SmallStack) => Promise<string>,
): FaultRow {
  return {
    ...row,
    on: 'engine',
    async run() {
      const stack = await makeSmallStack(options);
      try {
        return await play(stack);
      } finally {
        await stack.end();
      }
    },
  };
}
