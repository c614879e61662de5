import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';

/**
 * A process of its own that signs in with each of the settings on its command line (JSON), one after the other, and
 * prints what came of each: the sign-in library reads the environment of the process, and keeps parts of it for good.
 */
const outcomes: unknown[] = [];
for (const settings of JSON.parse(process.argv[2] ?? '[]') as readonly DefenderSettings[]) {
  try {
    const defender = createDefender(settings, systemPorts());
    const identity = await defender.identity();
    const machines = await defender.listMachines(100);
    outcomes.push({ machines: machines?.items.length, appId: identity.appId });
    defender.close();
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    const { kind, message, next, property } = error;
    outcomes.push({ kind, message, next, property });
  }
}
process.stdout.write(JSON.stringify(outcomes));
