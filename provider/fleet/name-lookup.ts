import type { Defender } from '../defender/api.ts';
import { DefenderError } from '../defender/errors.ts';
import type { Machine } from '../defender/machine.ts';
import { nameKey } from '../defender/machines.ts';
import type { Clock, Timer } from '../defender/ports.ts';
import { GatheredLookup } from './gathered-lookup.ts';
import { byName, listAllFrom, type MachineLookup } from './machine-lookup.ts';

/** No answer comes from a list that began longer before the question. */
const usableMs = 10_000;

/** The list that would have answered disagrees with its own count: a machine of this name may be in what is missing. */
export class IncompleteList extends DefenderError {
  constructor() {
    super('the list of machines was not complete: its size disagrees with its count', {
      kind: 'server',
      route: 'GET machines',
      next: 'Run again; nothing was decided on it.',
    });
  }
}

/** Looks machines up by their whole device name, many names in one call, whoever asks. */
export class NameLookup {
  readonly #machines: MachineLookup;
  readonly #clock: Clock;
  readonly #asked = new Set<string>();
  readonly #byName: GatheredLookup<string, ReadonlyMap<string, readonly Machine[]>>;

  /** @param machines whose list of all machines is used, where there is one */
  constructor(defender: Defender, machines: MachineLookup, clock: Clock, timer: Timer) {
    this.#machines = machines;
    this.#clock = clock;
    this.#byName = new GatheredLookup(async (names) => {
      const { items, complete } = await defender.listMachinesByNames(names);
      if (!complete) throw new IncompleteList();
      return byName(items);
    }, timer);
  }

  /**
   * All machines of this name, ignoring case; none where nobody has it.
   * @throws DefenderError where the list failed, IncompleteList where it was not complete
   */
  async find(name: string): Promise<readonly Machine[]> {
    const key = nameKey(name);
    this.#asked.add(key);
    if (this.#asked.size >= listAllFrom) {
      const all = await this.#machines.all(this.#clock.monotonic() - usableMs);
      // In an incomplete one the second machine of this name may be missing (semantics 1.2); a short list may be whole.
      if (all?.complete) return all.byName().get(key) ?? [];
    }
    // As it was written: the service may mind case, and is asked for that spelling too.
    return (await this.#byName.get(name)).get(key) ?? [];
  }
}
