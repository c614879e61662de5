import { isObserved } from '../../provider/containment/observation.ts';
import { type MachineId, parseMachineId } from '../../provider/defender/machine.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import type { Sight } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { nameContradicts, type readDeclared, resolveDeclared } from '../declared-hosts.ts';
import { lookFromOutside } from '../look.ts';
import { CliError } from '../ports.ts';
import { shown } from '../safe-text.ts';
import { containedHosts } from '../status/tenant-status.ts';
import { type GlassPlan, planGlass } from './plan.ts';

/** Which hosts are to be released; read before anything is called. */
export type Wanted =
  | { readonly by: 'machine'; readonly machineIds: readonly MachineId[] }
  | { readonly by: 'mark'; readonly isWanted: (action: MachineAction) => boolean; readonly text: string }
  | { readonly by: 'file'; readonly file: string; readonly declared: Awaited<ReturnType<typeof readDeclared>> };

/** One host that was named, and what is to be done about it. */
export interface Target {
  /** Undefined where a name could not be resolved. */
  readonly machineId: MachineId | undefined;
  readonly deviceName: string | undefined;
  readonly sight: Sight | undefined;
  readonly plan: GlassPlan;
  /** Where the manifest declares it: `quarantine.yaml:7: hosts[1]`. */
  readonly place: string | undefined;
}

/** @throws CliError for what is no machine id */
export function parseMachineIds(texts: readonly string[]): readonly MachineId[] {
  const ids = texts.map((text) => {
    const id = parseMachineId(text.trim());
    if (id !== undefined) return id;
    throw new CliError(
      `--machine takes machine ids (40 hex digits, as in the device's page address in the Defender portal), not "${shown(text, 80)}".`,
    );
  });
  return [...new Set(ids)];
}

/** Finds and looks at every host that is meant. @throws DefenderError where the tenant's actions cannot be listed */
export async function findTargets(wanted: Wanted, runtime: Runtime): Promise<readonly Target[]> {
  const notBefore = runtime.fleet.clock.monotonic();
  switch (wanted.by) {
    case 'machine':
      return Promise.all(
        wanted.machineIds.map(async (machineId) => targetOf(await lookFromOutside({ machineId, notBefore }, runtime))),
      );
    case 'mark': {
      const sights = await containedHosts(runtime, notBefore);
      const carrying = await Promise.all(
        sights.map(async (sight) => {
          // What could not be looked at is told all the same, where the bulk list shows the mark on it.
          const actions = isObserved(sight.observation)
            ? sight.observation.chain
            : (await runtime.fleet.observatory.recent(sight.machineId, notBefore)).actions;
          return actions.some(wanted.isWanted);
        }),
      );
      return sights.filter((_, index) => carrying[index] === true).map((sight) => targetOf(sight));
    }
    case 'file': {
      const hosts = await resolveDeclared(wanted.declared, runtime);
      return Promise.all(
        hosts.map(async ({ declaration, path, line, meant }): Promise<Target> => {
          const place = `${shown(wanted.file)}${line === undefined ? '' : `:${line}`}: ${path}`;
          if ('error' in meant) return unresolved(declaration, meant.error, place);
          const sight = await lookFromOutside({ machineId: meant.machineId, notBefore }, runtime);
          const contradiction = sight.machine === undefined ? undefined : nameContradicts(declaration, sight.machine);
          if (contradiction !== undefined) return unresolved(declaration, contradiction, place);
          return targetOf(sight, place);
        }),
      );
    }
  }
}

function unresolved(
  { machineId, deviceName }: { readonly machineId?: MachineId; readonly deviceName?: string },
  reason: string,
  place: string,
): Target {
  return {
    machineId,
    deviceName,
    place,
    sight: undefined,
    plan: { kind: 'leave', reason: `${reason}. Nothing is sent` },
  };
}

function targetOf(sight: Sight, place?: string): Target {
  return {
    machineId: sight.machineId,
    deviceName: sight.machine?.computerDnsName,
    sight,
    plan: planGlass(sight.observation),
    place,
  };
}
