import type { Simulator } from '../simulator/start.ts';
import { type NewOnRecord, SimulatorLog } from './new-on-record.ts';
import { app, RecordDiffers } from './simulator-record.ts';

/** What must have happened to a fleet since the last look, and how it must be now. */
export interface ExpectedOfFleet {
  /** Names of the hosts that were asked to isolate; each got one request, and no more in all of the story. */
  readonly isolates: ReadonlySet<string> | 'some, each once';
  /** Names of the hosts that were asked to release, each once. */
  readonly releases: ReadonlySet<string>;
  /** Names of the hosts that are really isolated; undefined where their requests may still be under way. */
  readonly isolated: ReadonlySet<string> | undefined;
}

/** What was found of a fleet since the last look. */
export interface FoundOfFleet extends NewOnRecord {
  /** Names of the hosts that were asked to isolate in all of the story, one entry a request. */
  readonly everIsolated: readonly string[];
}

/** The simulator's own record of a fleet's story, and of everything else that anybody did meanwhile. */
export class FleetRecord {
  readonly #log: SimulatorLog;
  readonly #hosts: ReadonlySet<string>;
  readonly #everIsolated: string[] = [];

  /** @param hosts the names of the only hosts that may be touched */
  constructor(simulator: Simulator, hosts: ReadonlySet<string>) {
    this.#log = new SimulatorLog(simulator);
    this.#hosts = hosts;
    // What happened before is another story.
    this.#log.look();
  }

  /**
   * Looks at what is new.
   * @throws RecordDiffers where it is not what was expected
   */
  check(what: string, expected: ExpectedOfFleet): FoundOfFleet {
    const fresh = this.#log.look();
    this.#everIsolated.push(...namesOf(fresh, 'Isolate'));
    const found = { ...fresh, everIsolated: this.#everIsolated };
    const differences = compareFleet(this.#hosts, expected, found);
    if (differences.length > 0) throw new RecordDiffers(what, differences);
    return found;
  }
}

/** Every way in which the record is not as expected, a sentence each. */
export function compareFleet(
  hosts: ReadonlySet<string>,
  expected: ExpectedOfFleet,
  found: FoundOfFleet,
): readonly string[] {
  const differences: string[] = [];
  const differ = (what: string, wanted: ReadonlySet<string>, got: readonly string[]) => {
    const missing = [...wanted].filter((name) => !got.includes(name));
    const tooMany = got.filter((name, index) => !wanted.has(name) || got.indexOf(name) !== index);
    if (missing.length > 0) differences.push(`${what}: missing ${missing.join(', ')}`);
    if (tooMany.length > 0) differences.push(`${what}: too many ${tooMany.join(', ')}`);
  };
  const { isolates, releases, isolated } = expected;
  const asked = namesOf(found, 'Isolate');
  differ('requests to isolate', isolates === 'some, each once' ? new Set(asked) : isolates, asked);
  if (isolates === 'some, each once' && asked.length === 0) differences.push('requests to isolate: none');
  differ('requests to isolate in all', new Set(found.everIsolated), found.everIsolated);
  differ('requests to release', releases, namesOf(found, 'Unisolate'));
  const strangers = found.actions.filter(
    ({ requestor, computerDnsName }) => requestor !== app || !hosts.has(computerDnsName ?? ''),
  );
  for (const { type, requestor, computerDnsName } of strangers)
    differences.push(`somebody or something else: ${type} by ${requestor} on ${computerDnsName}`);
  // Each request is an answered call, or one whose answer was lost when the runner died; and no call beside them.
  if (found.writes.length !== found.actions.length)
    differences.push(`calls that write: expected ${found.actions.length}, found ${found.writes.length}`);
  if (found.reads === 0) differences.push('calls that read: expected some, found none');
  if (isolated !== undefined) {
    differ('hosts that are really isolated', isolated, found.isolated);
    for (const { type, computerDnsName, status } of found.actions)
      if (status !== 'Succeeded') differences.push(`${type} on ${computerDnsName}: ${status}`);
  }
  return differences;
}

function namesOf({ actions }: NewOnRecord, wanted: string): readonly string[] {
  return actions.filter(({ type }) => type === wanted).map(({ computerDnsName }) => computerDnsName ?? '');
}
