import type { Provider } from '../../provider/resources/provider.ts';
import {
  type DiffResult,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type Resource,
  UserError,
  unknown,
} from '../../provider/resources/resource.ts';

/** One call that reached a resource. */
export interface Call {
  readonly method: string;
  readonly preview: boolean;
  readonly timeoutMs: number | undefined;
  readonly declaration: string;
  readonly given: readonly (PropertyMap | string | undefined)[];
}

/** What the fake service and provider saw. */
export interface Seen {
  readonly calls: Call[];
  readonly configurations: PropertyMap[];
  readonly stops: string[];
  /** Isolated machines, as the service has them. */
  readonly isolated: Set<string>;
}

export function nothingSeen(): Seen {
  return { calls: [], configurations: [], stops: [], isolated: new Set() };
}

const none: DiffResult = { changes: false, detailed: {}, reasons: [] };

/**
 * A provider with one resource that isolates machines in memory. What it does with a declaration its comment says:
 * `refuse` (the guardrails), `break` (by an error that nobody foresaw), `half-way` (a partial failure), `wait` (until the signal ends it).
 */
export function fakeProvider(seen: Seen): Provider {
  function record(method: string, context: OperationContext, ...given: Call['given']): void {
    const { preview, timeoutMs, declaration } = context;
    seen.calls.push({ method, preview, timeoutMs, declaration: declaration.key, given });
  }

  async function write(context: OperationContext, news: PropertyMap): Promise<PropertyMap> {
    if (news.comment === 'refuse') throw new UserError('the guardrails refuse it; allow it with allowProtected');
    if (String(news.comment).startsWith('quote ')) {
      throw new UserError(`the service refuses ${String(news.comment).slice('quote '.length)}`);
    }
    if (news.comment === 'break') {
      throw new TypeError(`cannot read ${String(seen.configurations[0]?.clientSecret)}\n    at somewhere.ts:12`);
    }
    const machineId = news.machineId === unknown ? 'unknown' : String(news.machineId);
    if (context.preview) {
      context.log.info(`would isolate ${machineId}`);
      return { machineId };
    }
    if (news.comment === 'wait') {
      await new Promise((resolve) => {
        if (context.signal.aborted) resolve(undefined);
        else context.signal.addEventListener('abort', resolve);
      });
      throw new PartialFailure(machineId, { machineId, state: 'isolating' }, ['not contained yet']);
    }
    seen.isolated.add(machineId);
    const outputs = { machineId, state: 'isolated', isolationType: 'Full', note: undefined, coveredUntil: Number.NaN };
    if (news.comment === 'half-way') {
      throw new PartialFailure(machineId, { ...outputs, state: 'isolating' }, ['NOT CONTAINED YET', 'run again']);
    }
    return outputs;
  }

  const machineIsolation: Resource = {
    token: 'mde:index:MachineIsolation',
    async check(context, oldInputs, news) {
      record('check', context, oldInputs, news);
      if (news.comment === 'crash') throw new UserError('the service cannot be reached');
      const failures = news.comment === undefined ? [{ property: 'comment', reason: 'say why' }] : [];
      return { inputs: { isolationType: 'Full', ...news, releaseAt: undefined }, failures };
    },
    async diff(context, id, oldOutputs, oldInputs, news) {
      record('diff', context, id, oldOutputs, oldInputs, news);
      if (news.machineId !== oldInputs.machineId) {
        const detailed = { machineId: { kind: 'update-replace', fromInputs: true } } as const;
        return { changes: true, detailed, reasons: ['another machine'] };
      }
      if (news.comment !== oldInputs.comment) {
        const detailed = { comment: { kind: 'update', fromInputs: true } } as const;
        return { changes: true, detailed, reasons: ['another comment'] };
      }
      if (oldOutputs.state !== 'isolated') {
        const detailed = { state: { kind: 'update', fromInputs: false } } as const;
        return { changes: true, detailed, reasons: ['released by hand'] };
      }
      return none;
    },
    async create(context, inputs) {
      record('create', context, inputs);
      const outputs = await write(context, inputs);
      return { id: String(outputs.machineId), outputs };
    },
    async read(context, id, outputs, inputs) {
      record('read', context, id, outputs, inputs);
      const state = seen.isolated.has(id) ? 'isolated' : 'released';
      if (id === 'gone') return { found: undefined, unhealthy: ['it could not be found'] };
      return { found: { id, outputs: { ...outputs, machineId: id, state }, inputs: inputs ?? {} }, unhealthy: [] };
    },
    async update(context, id, oldOutputs, oldInputs, news) {
      record('update', context, id, oldOutputs, oldInputs, news);
      const outputs = await write(context, news);
      return { id: String(outputs.machineId), outputs };
    },
    async delete(context, id, outputs, inputs) {
      record('delete', context, id, outputs, inputs);
      if (inputs?.comment === 'refuse release') throw new UserError('5 releases are the most for one run');
      seen.isolated.delete(id);
    },
  };

  return {
    checkConfig: (config) =>
      config.cloud === 'Moon' ? [{ property: 'cloud', reason: '"Moon" is not a known cloud' }] : [],
    configure(config) {
      seen.configurations.push(config);
      if (config.tenantId === undefined) throw new UserError('tenantId is missing; set mde:tenantId');
    },
    functions: new Map(),
    resources: new Map([[machineIsolation.token, machineIsolation]]),
    summary: () => [`contained: ${[...seen.isolated].join(', ')}`],
    stop: (reason) => void seen.stops.push(reason),
    close: () => undefined,
  };
}
