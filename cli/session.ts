import { isolation } from '../provider/containment/pair.ts';
import { isDefenderError } from '../provider/defender/errors.ts';
import { Claims } from '../provider/fleet/claims.ts';
import { createFleet } from '../provider/fleet/fleet.ts';
import { OneShots } from '../provider/fleet/one-shots.ts';
import { RunRecord } from '../provider/fleet/run-record.ts';
import { describeDefenderError } from '../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../provider/resources/runtime.ts';
import { CliError, type CliPorts } from './ports.ts';
import { type SignInOptions, settingsOf } from './sign-in.ts';

/**
 * Signs in, and runs a command with what the provider's own code needs. The client is closed in the end.
 * @throws CliError where no token is to be had
 */
export async function inSession<T>(
  options: SignInOptions,
  ports: CliPorts,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const settings = settingsOf(options, ports.env);
  return explained(ports, async () => {
    const defender = await ports.connect(settings.defender);
    try {
      const claims = new Claims(ports.clock);
      const fleet = createFleet(defender, settings.limits, claims, ports.clock, ports.timer);
      const runtime: Runtime = {
        pair: isolation,
        settings,
        fleet,
        claims,
        record: new RunRecord(),
        oneShots: new OneShots(fleet),
        // Which machine the pipeline runs on is not known here.
        here: { hostname: '', macAddresses: [] },
        lifetime: ports.signal,
        predecessors: new Map(),
        warned: new Set(),
        identity: () => defender.identity({ signal: ports.signal }),
      };
      // One clear error now, rather than one for every host.
      await runtime.identity();
      return await work(runtime);
    } finally {
      defender.close();
    }
  });
}

/** The client speaks in the names of the provider's configuration. */
const namesHere = '\nHere clientSecret is AZURE_CLIENT_SECRET in the environment; for the others see --help.';

async function explained<T>(ports: CliPorts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    if (ports.signal.aborted) throw new CliError('Stopped before anything was sent.', { cause: error });
    const isSetUp = error.kind === 'sign-in' || error.kind === 'invalid-configuration';
    throw new CliError(`${describeDefenderError(error)}${isSetUp ? namesHere : ''}`, { cause: error });
  }
}
