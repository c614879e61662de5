/** Where the wire stands when a process is killed, after a number of writes of its run. */
export type Moment =
  /** They are accepted and answered; the next ones never arrive. */
  | 'between'
  /** The last of them is accepted, and neither it nor what came after it was answered. */
  | 'accepted'
  /** Requests come and go, as many as there happen to be. */
  | 'going-on';

const moments: readonly Moment[] = ['between', 'accepted', 'going-on'];

export interface KillPoint {
  /** Writes that the service has accepted by then, at least. */
  readonly after: number;
  readonly moment: Moment;
  /** Whether what was asked for is over when the next run starts; else it still runs then. */
  readonly rests: boolean;
  /** Whether the run after the next is run too, and is to be empty; where not, state and record tell that it would be. */
  readonly thenEmpty: boolean;
}

/**
 * `count` points, spread evenly over a run of `writes` writes, the first and the last among them (one alone is in the
 * middle); every moment in turn.
 *
 * @param first which moment the first point has, so that single points of several rows have different ones
 */
export function pointsOver(writes: number, count: number, first = 0): readonly KillPoint[] {
  const step = count > 1 ? (writes - 2) / (count - 1) : 0;
  return Array.from({ length: count }, (_, at) => ({
    after: count > 1 ? 1 + Math.round(at * step) : Math.round(writes / 2),
    moment: moments[(at + first) % moments.length] ?? 'between',
    // Two of each moment in a row of six, one of either kind.
    rests: at % 2 === 1,
    thenEmpty: at % 5 === 0,
  }));
}

/** Does `work` for each point, in `lanes` that are made first and ended last, each with one point at a time. */
export async function inLanes<Lane extends { end(): Promise<void> }, Point>(
  points: readonly Point[],
  lanes: number,
  makeLane: () => Promise<Lane>,
  work: (lane: Lane, point: Point) => Promise<void>,
): Promise<void> {
  const left = [...points];
  const failures: unknown[] = [];
  const runLane = async () => {
    const lane = await makeLane();
    try {
      for (let point = left.shift(); point !== undefined && failures.length === 0; point = left.shift()) {
        const here = point;
        await at(here, () => work(lane, here));
      }
    } catch (error) {
      failures.push(error);
    } finally {
      await lane.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, points.length) }, runLane));
  if (failures.length > 0) throw failures[0];
}

/** What goes wrong tells where. */
async function at<Point>(point: Point, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n(at ${JSON.stringify(point)})`, { cause: error });
  }
}
