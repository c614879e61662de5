import fc from 'fast-check';

/** One kind of input that somebody else writes, and what must hold of whatever reads it. */
export interface Target {
  readonly name: string;
  /** Inputs of the short form. */
  readonly short: number;
  /** How many times as long one input takes as one of the cheapest: of the long form's inputs so many fewer are run. */
  readonly cost?: number;
  /** Gets ready what an input is given to. */
  open(): Opened | Promise<Opened>;
}

export interface Opened {
  /** Throws where something does not hold. */
  readonly property: fc.IAsyncProperty<unknown[]> | fc.IProperty<unknown[]>;
  close?(): Promise<void> | void;
}

/** Nobody waits longer for an answer about an input, ms of the processor's time: a busy machine is not a slow reader. */
export const mostMs = 1_000;

/** A target that is one function over one kind of input; it must come to its end within a second. */
export function target<T>(
  name: string,
  short: number,
  arbitrary: fc.Arbitrary<T>,
  judge: (input: T) => void | Promise<void>,
  cost = 1,
): Target {
  return { name, short, cost, open: () => ({ property: propertyOf(arbitrary, judge) }) };
}

export function propertyOf<T>(
  arbitrary: fc.Arbitrary<T>,
  judge: (input: T) => void | Promise<void>,
): fc.IAsyncProperty<[T]> {
  return fc.asyncProperty(arbitrary, async (input) => {
    const before = process.cpuUsage();
    await judge(input);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1_000;
    if (ms > mostMs) throw new Error(`took ${Math.round(ms)} ms`);
    if (pollution() !== undefined) throw new Error(`${pollution()} was put on the prototype of all objects`);
  });
}

/** What no object has by itself; undefined where nobody put anything on their prototype. */
export function pollution(): string | undefined {
  for (const name in {}) return name;
  return undefined;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** Where fast-check found something, as it printed it. */
  readonly path?: string | undefined;
}

/** Runs so many inputs. Throws what was found, shrunk, with how to see it again. Answers how many were run. */
export async function fuzz({ name, open }: Target, { runs, seed, path }: FuzzOptions): Promise<number> {
  const { property, close } = await open();
  try {
    const details = await fc.check(property as fc.IAsyncProperty<unknown[]>, {
      numRuns: runs,
      seed,
      ...(path === undefined ? {} : { path }),
      maxSkipsPerRun: 100,
    });
    if (!details.failed) return details.numRuns;
    const again = `npm run test:fuzz -- --only ${name} --seed ${seed} --path ${details.counterexamplePath ?? '0'}`;
    const why =
      details.errorInstance instanceof Error ? (details.errorInstance.stack ?? '') : String(details.errorInstance);
    const input = fc.stringify(details.counterexample).slice(0, 4_000);
    throw new Error(`${name}, input ${details.numRuns} of seed ${seed}: ${input}\n${why}\n\n${again}`);
  } finally {
    await close?.();
  }
}
