/** One request, as the simulator's own record tells it. */
export interface RequestRecord {
  /** RFC 3339, simulated. */
  readonly at: string;
  /** The route's name, `token` or `discovery` of sign-in, or method and path of what is no route. */
  readonly route: string;
  readonly method: string;
  /** Path and query as called. */
  readonly url: string;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
  /** Absent where no answer was sent. */
  readonly status: number | undefined;
  /** The fault that fell on it. */
  readonly fault: string | undefined;
}

export interface Statistics {
  readonly total: number;
  readonly byRoute: Readonly<Record<string, number>>;
  /** App id, then route. */
  readonly byApp: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly byStatus: Readonly<Record<string, number>>;
}

const mostKept = 20_000;

/** Counts requests per route, app and status, and keeps the latest ones. */
export class RequestLog {
  #records: RequestRecord[] = [];
  #total = 0;
  #byRoute: Record<string, number> = {};
  #byApp: Record<string, Record<string, number>> = {};
  #byStatus: Record<string, number> = {};

  add(record: RequestRecord): void {
    this.#total += 1;
    count(this.#byRoute, record.route);
    if (record.appId !== undefined) {
      const ofApp = this.#byApp[record.appId] ?? {};
      this.#byApp[record.appId] = ofApp;
      count(ofApp, record.route);
    }
    count(this.#byStatus, record.status === undefined ? 'none' : String(record.status));
    this.#records.push(record);
    if (this.#records.length >= 2 * mostKept) this.#records = this.#records.slice(-mostKept);
  }

  /** The latest requests, oldest first. */
  recent(limit = mostKept): readonly RequestRecord[] {
    return this.#records.slice(-Math.min(limit, mostKept));
  }

  statistics(): Statistics {
    return structuredClone({
      total: this.#total,
      byRoute: this.#byRoute,
      byApp: this.#byApp,
      byStatus: this.#byStatus,
    });
  }

  reset(): void {
    this.#records = [];
    this.#total = 0;
    this.#byRoute = {};
    this.#byApp = {};
    this.#byStatus = {};
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
