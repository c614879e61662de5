import type { ListDistortion } from './call.ts';
import { createRandom, type Random } from './random.ts';

/** What goes wrong. Times are real, for they are about the wire; `staleSeconds` is simulated. */
export type FaultEffect =
  /** An answer instead of the service's own; the request is not carried out. Body and headers have defaults per status. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** The connection is reset before the request is carried out. */
  | { readonly kind: 'reset-before' }
  /** The request is carried out; the connection is reset instead of an answer. */
  | { readonly kind: 'reset-after' }
  /** The connection is reset, and new ones are refused for `forMs` (absent: until told otherwise). */
  | { readonly kind: 'refuse'; readonly forMs?: number }
  /** The answer arrives late, or the request is carried out late. */
  | { readonly kind: 'delay'; readonly ms: number; readonly before?: boolean }
  /** The request is carried out (or, `before`, is not) and never answered. */
  | { readonly kind: 'hang'; readonly before?: boolean }
  /** Half of the answer, then a reset. */
  | { readonly kind: 'half-body' }
  /** The answer in small pieces. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number }
  /** An answer that begins well and never ends. */
  | { readonly kind: 'endless' }
  /** 200 with something that is no JSON, or with the first part of it; the request is carried out. */
  | { readonly kind: 'garbage'; readonly body?: string }
  | { readonly kind: 'truncated' }
  /** To another place; the request is not carried out. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  /** A list that is bent: see ListDistortion. */
  | ({ readonly kind: 'list' } & ListDistortion);

/** Which requests an effect falls on. All conditions that are given must hold. */
export interface FaultRule {
  readonly effect: FaultEffect;
  /** A route's name (`POST machines/{id}/isolate`), `token` or `discovery` of sign-in, or `*` (default): all of the API. */
  readonly route?: string;
  readonly method?: string;
  /** Only the nth request that the conditions above let through, counted from 1. */
  readonly nth?: number;
  /** Only from that one on, counted likewise. */
  readonly from?: number;
  /** Only in so many of a hundred cases. */
  readonly percent?: number;
  /** For `percent`; default 1. */
  readonly seed?: number;
  /** How often it happens at most; absent: always. */
  readonly count?: number;
}

export interface Fault extends FaultRule {
  readonly id: string;
  /** Requests that its conditions let through, and those that it fell on. */
  readonly seen: number;
  readonly fired: number;
}

interface ArmedFault {
  readonly rule: FaultRule;
  readonly random: Random;
  seen: number;
  fired: number;
}

/** The faults in force. The oldest that fits a request is the one that happens. */
export class Faults {
  readonly #armed = new Map<string, ArmedFault>();
  #added = 0;

  /** Throws a RangeError where the rule makes no sense. */
  add(rule: FaultRule): string {
    check(rule);
    this.#added += 1;
    const id = `fault-${this.#added}`;
    this.#armed.set(id, { rule, random: createRandom(rule.seed ?? 1), seen: 0, fired: 0 });
    return id;
  }

  remove(id: string): boolean {
    return this.#armed.delete(id);
  }

  clear(): void {
    this.#armed.clear();
  }

  list(): readonly Fault[] {
    return [...this.#armed].map(([id, { rule, seen, fired }]) => ({ id, ...rule, seen, fired }));
  }

  /** What happens to a request of `route` (undefined: no such route). */
  next(method: string, route: string | undefined): FaultEffect | undefined {
    for (const fault of this.#armed.values()) {
      if (happens(fault, method, route)) {
        fault.fired += 1;
        return fault.rule.effect;
      }
    }
    return undefined;
  }
}

/** The fields that each effect cannot do without. */
const effectFields: Readonly<Record<FaultEffect['kind'], Readonly<Record<string, 'number' | 'string'>>>> = {
  answer: { status: 'number' },
  'reset-before': {},
  'reset-after': {},
  refuse: {},
  delay: { ms: 'number' },
  hang: {},
  'half-body': {},
  trickle: { bytes: 'number', everyMs: 'number' },
  endless: {},
  garbage: {},
  truncated: {},
  redirect: { location: 'string' },
  list: {},
};

/** Rules arrive over HTTP too, so their type is not to be trusted. */
function check({ effect, percent, nth, from, count }: FaultRule): void {
  const kind = effect?.kind as string | undefined;
  if (kind === undefined || !Object.hasOwn(effectFields, kind)) {
    throw new RangeError(`a fault needs effect.kind, one of ${Object.keys(effectFields).join(', ')}`);
  }
  for (const [name, type] of Object.entries(effectFields[effect.kind])) {
    if (typeof (effect as Record<string, unknown>)[name] !== type) {
      throw new RangeError(`a fault of kind ${kind} needs effect.${name}, a ${type}`);
    }
  }
  for (const [name, value] of Object.entries({ percent, nth, from, count })) {
    if (value !== undefined && (typeof value !== 'number' || value < 0)) {
      throw new RangeError(`a fault's ${name} is a number of at least 0`);
    }
  }
}

function happens(fault: ArmedFault, method: string, route: string | undefined): boolean {
  const { rule } = fault;
  const wanted = rule.route ?? '*';
  if (wanted === '*' ? route === 'token' || route === 'discovery' : wanted.toLowerCase() !== route?.toLowerCase())
    return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== method) return false;
  fault.seen += 1;
  if (rule.nth !== undefined && fault.seen !== rule.nth) return false;
  if (rule.from !== undefined && fault.seen < rule.from) return false;
  if (rule.count !== undefined && fault.fired >= rule.count) return false;
  return rule.percent === undefined || fault.random.chance(rule.percent);
}

const htmlPage = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;

const json = { 'Content-Type': 'application/json' };
const html = { 'Content-Type': 'text/html' };

/** What a made-up answer says where the fault does not. */
export const faultAnswers: Readonly<
  Record<number, { body: (target: string) => string; headers: Record<string, string> }>
> = {
  429: {
    body: (target) =>
      JSON.stringify({
        error: { code: '429', message: 'API calls quota exceeded! maximum allowed 100 per 00:01:00', target },
      }),
    headers: json,
  },
  500: {
    body: (target) => JSON.stringify({ error: { code: 'InternalServerError', message: '', target } }),
    headers: json,
  },
  502: { body: () => htmlPage('502 Bad Gateway'), headers: html },
  503: { body: () => htmlPage('503 Service Unavailable'), headers: html },
  504: { body: () => htmlPage('504 Gateway Time-out'), headers: html },
};
