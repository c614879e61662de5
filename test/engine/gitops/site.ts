import { execFileSync } from 'node:child_process';
import { startSimulator } from '../../../simulator/start.ts';
import { makeEngineEnv } from '../../../tools/engine-env.ts';
import type { Site } from './repository.ts';

/** A site that somebody has to end. Hosts are named without their domain. */
export interface OpenSite extends Site {
  /** Adds laptops. */
  addMachines(...names: readonly string[]): void;
  isIsolated(name: string): boolean;
  /** `Isolate host-1 by quarantine-write`, in the order of submission. */
  requests(): readonly string[];
  end(): Promise<void>;
}

/** Simulated seconds per real one: an action is done before the first look at it. */
const speed = 120;

const domain = 'contoso.com';

/** @param env added to the engine's environment, such as where state lies */
export async function openSite(env: Readonly<Record<string, string>> = {}): Promise<OpenSite> {
  const simulator = await startSimulator({ speed });
  const { NODE_EXTRA_CA_CERTS = '' } = simulator.environment();
  const engine = makeEngineEnv({ NODE_EXTRA_CA_CERTS, ...env });
  const { control } = simulator;
  return {
    simulator,
    engine,
    engineVersion: execFileSync(engine.pulumi, ['version'], { env: engine.env, encoding: 'utf8' }).trim().slice(1),
    addMachines(...names) {
      for (const name of names) control.addMachine({ computerDnsName: `${name}.${domain}` });
    },
    isIsolated: (name) => control.machine(`${name}.${domain}`).isolation.isolated,
    requests: () =>
      control.actions().map(({ type, computerDnsName, requestor }) => {
        return `${type} ${computerDnsName?.replace(`.${domain}`, '')} by ${requestor}`;
      }),
    async end() {
      engine.remove();
      await simulator.stop();
    },
  };
}

/** How a manifest names hosts. */
export function named(...names: readonly string[]): { deviceName: string }[] {
  return names.map((name) => ({ deviceName: `${name}.${domain}` }));
}
