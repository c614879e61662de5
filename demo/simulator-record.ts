import type { Simulator } from '../simulator/start.ts';
import { type NewOnRecord, SimulatorLog } from './new-on-record.ts';

/** What must have happened since the last look, all of it: nothing less and nothing beside it. */
export interface Expected {
  /** Requests to machines, oldest first. */
  readonly acts: readonly Act[];
  /** How the host must be now, whatever any list says. */
  readonly isolated: boolean;
  /** Whether Pulumi ran, and so must have looked at the host; where it did not, nobody may have called at all. */
  readonly looked: boolean;
}

export interface Act {
  readonly who: string;
  readonly type: 'Isolate' | 'Unisolate';
}

/** What the simulator recorded since the last look. */
export interface Found extends Omit<NewOnRecord, 'actions'> {
  /** `Isolate by pulumi-mde on laptop-7.contoso.com: Succeeded` */
  readonly acts: readonly string[];
}

/** The simulator's own record of one host's story, and of everything else that anybody did meanwhile. */
export class SimulatorRecord {
  readonly #log: SimulatorLog;
  readonly #host: string;

  /** @param host the name of the only host that may be touched */
  constructor(simulator: Simulator, host: string) {
    this.#log = new SimulatorLog(simulator);
    this.#host = host;
  }

  /**
   * Looks at what is new.
   * @throws RecordDiffers where it is not what was expected
   */
  check(what: string, expected: Expected): Found {
    const { actions, ...calls } = this.#log.look();
    const acts = actions.map(
      ({ type, requestor, computerDnsName, status }) => `${type} by ${requestor} on ${computerDnsName}: ${status}`,
    );
    const found = { acts, ...calls };
    const differences = compare(this.#host, expected, found);
    if (differences.length > 0) throw new RecordDiffers(what, differences);
    return found;
  }
}

/** The service's name for the app that the demo's stacks sign in as. */
export const app = 'pulumi-mde';

/** Every way in which the record is not as expected, a sentence each. */
export function compare(host: string, expected: Expected, found: Found): readonly string[] {
  const differences: string[] = [];
  const differ = (what: string, wanted: readonly string[], got: readonly string[]) => {
    if (wanted.join('\n') === got.join('\n')) return;
    differences.push(`${what}: expected ${list(wanted)}, found ${list(got)}`);
  };
  differ(
    'requests to machines',
    expected.acts.map(({ who, type }) => `${type} by ${who} on ${host}: Succeeded`),
    found.acts,
  );
  differ(
    'calls that write',
    expected.acts.filter(({ who }) => who === app).map(({ type }) => `POST machines/{id}/${type.toLowerCase()} (201)`),
    found.writes,
  );
  differ('calls that read', [expected.looked ? 'some' : 'none'], [found.reads > 0 ? 'some' : 'none']);
  differ('hosts that are really isolated', expected.isolated ? [host] : [], found.isolated);
  return differences;
}

function list(entries: readonly string[]): string {
  return entries.length === 0 ? 'none' : entries.join(', ');
}

/** The simulator recorded something other than what the demo told. */
export class RecordDiffers extends Error {
  readonly differences: readonly string[];

  constructor(what: string, differences: readonly string[]) {
    super(`the simulator's record does not agree: ${what}`);
    this.name = 'RecordDiffers';
    this.differences = differences;
  }
}
