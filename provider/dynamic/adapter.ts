import { isDeepStrictEqual } from 'node:util';
import { parseDuration } from '../containment/duration.ts';
import { isEchoable } from '../echo.ts';
import { isPartialFailure } from '../error-kind.ts';
import type { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import {
  type CheckFailure,
  type OperationContext,
  type OperationLog,
  type PropertyMap,
  type Resource,
  UserError,
} from '../resources/resource.ts';
import { secretConfigKeys } from '../resources/schema-types.ts';
import { describeFailures, settingFailures } from '../settings-text.ts';
import { realTimers, type Timers } from '../status-line.ts';
import { inputsKey, providerKey } from './hidden-inputs.ts';
import { type HostOutput, hostLog } from './host-log.ts';
import { type HostValues, hiddenOf, type Parts, partsOf, recordOf, stateOf } from './parts.ts';
import { messageOf, Refusal } from './refusal.ts';
import { readStackConfig } from './stack-config.ts';
import { mapToHost } from './values.ts';

/** The provider as Pulumi's dynamic host calls it. */
export interface DynamicProvider {
  configure(request: { readonly config: StackConfig }): Promise<void>;
  check(olds: HostValues, news: HostValues): Promise<{ inputs: HostValues; failures: CheckFailure[] }>;
  diff(id: string, olds: HostValues, news: HostValues): Promise<{ changes: boolean; replaces?: string[] }>;
  create(news: HostValues): Promise<{ id: string; outs: HostValues }>;
  read(id: string, props: HostValues): Promise<{ id: string; props: HostValues }>;
  update(id: string, olds: HostValues, news: HostValues): Promise<{ outs: HostValues }>;
  delete(id: string, props: HostValues): Promise<void>;
}

interface StackConfig {
  get(key: string): unknown;
}

export interface DynamicEnvironment {
  readonly createProvider: () => Provider;
  readonly output: HostOutput;
  /** Learns the secrets of the configuration. */
  readonly redaction: Redaction;
  readonly timers?: Timers;
  /** Aborted when the engine is gone: no operation writes anything from then on. */
  readonly engineGone: AbortSignal;
}

type OperationName = 'check' | 'diff' | 'create' | 'read' | 'update' | 'delete';

/** Whose time-out bounds an operation. */
const timedAs: Readonly<Record<OperationName, 'create' | 'read' | 'update' | 'delete'>> = {
  check: 'create',
  diff: 'read',
  create: 'create',
  read: 'read',
  update: 'update',
  delete: 'delete',
};

/**
 * Translates between Pulumi's dynamic protocol and the resources. That protocol has neither a preview of create and
 * update nor a refresh before an update. What the engine does of itself for the plugin is made up here, so that both
 * behave alike: `check` also previews a create, `diff` reads the service first and also previews an update.
 */
export function dynamicProvider(environment: DynamicEnvironment): DynamicProvider {
  const { createProvider, output, redaction, engineGone, timers = realTimers } = environment;
  let configured: Promise<Provider> | undefined;

  async function configure(config: StackConfig): Promise<Provider> {
    const read = readStackConfig((key) => config.get(key));
    const { settings } = read;
    for (const key of secretConfigKeys) redaction.add(settings[key]);
    const provider = createProvider();
    const stop = () => provider.stop('the engine is gone');
    if (engineGone.aborted) stop();
    else engineGone.addEventListener('abort', stop, { once: true });
    const failures = settingFailures(read, (settings) => provider.checkConfig(settings));
    if (failures.length > 0) throw new UserError(describeFailures('mde', failures));
    provider.configure(settings);
    return provider;
  }

  async function begin(
    name: OperationName,
    parts: Parts,
    log: OperationLog,
  ): Promise<{ resource: Resource; context: OperationContext }> {
    // The host hands out its provider before `configure` has ended, and keeps it where that failed: so every operation
    // waits for it here, and fails with its reason.
    if (configured === undefined) throw new UserError('the provider was not configured by its host');
    const provider = await configured;
    const { declaration, timeouts } = parts;
    if (declaration === undefined) {
      throw new UserError(
        'what the stack holds of this resource does not say which declaration it is; run `pulumi up`',
      );
    }
    const resource = provider.resources.get(declaration.type);
    if (resource === undefined) {
      throw new UserError(`this version of pulumi-mde knows no ${declaration.type}; install the one that declared it`);
    }
    const timeout = timeouts[timedAs[name]];
    return {
      resource,
      context: {
        declaration,
        // A write is never taken for a preview: it would report as done what it has not done.
        preview: parts.preview && (name === 'check' || name === 'diff'),
        timeoutMs: typeof timeout === 'string' ? parseDuration(timeout) : undefined,
        signal: engineGone,
        log,
      },
    };
  }

  /** @param parts of the inputs that the operation is about, in which its declaration and time-outs stand */
  async function carryOut<T>(
    name: OperationName,
    parts: Parts,
    work: (resource: Resource, context: OperationContext) => Promise<T>,
  ): Promise<T> {
    const resourceName = parts.declaration?.name ?? 'a resource';
    const log = hostLog(resourceName, { output, redaction, timers });
    try {
      const { resource, context } = await begin(name, parts, log);
      return await work(resource, context);
    } catch (error) {
      throw error instanceof Refusal ? error : refusal(`${name} of ${resourceName}`, error);
    } finally {
      log.end();
    }
  }

  /** @param kept what state is to hold where the operation failed half-way */
  function refusal(where: string, error: unknown, kept?: HostValues): Refusal {
    const reasons = isPartialFailure(error) ? error.reasons.map((reason) => redaction.presentable(reason)) : [];
    const half = kept && isPartialFailure(error) ? { id: error.id, properties: kept, reasons } : undefined;
    return new Refusal(where, redaction.presentable(messageOf(error)), half);
  }

  /**
   * Runs a write. Where it fails in part, state keeps its outputs and `inputs`.
   * @param news hold the key of the host, which it adds to what was created, but not to what was created in part;
   *   without it nothing could ever read or delete the resource again.
   */
  async function keeping<T>(
    context: OperationContext,
    inputs: HostValues,
    news: HostValues,
    write: () => Promise<T>,
  ): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isPartialFailure(error)) throw error;
      const kept = { ...stateOf(error.outputs, inputs), [providerKey]: news[providerKey] };
      throw refusal(context.declaration.name, error, kept);
    }
  }

  return {
    // Never rejects: the host would fail one operation with it and let the others through unconfigured.
    async configure({ config }) {
      configured ??= configure(config);
      await configured.catch(() => undefined);
    },

    check(olds, news) {
      const [before, declared] = [partsOf(olds), partsOf(withoutPlaces(news))];
      return carryOut('check', declared, async (resource, context) => {
        const isNew = Object.keys(before.values).length === 0;
        const checked = await resource.check(context, isNew ? undefined : before.values, declared.values);
        const failures = [...checked.failures, ...timeoutFailures(declared.timeouts)];
        if (context.preview && isNew && failures.length === 0) {
          failures.push(...(await refusals(() => resource.create(context, checked.inputs))));
        }
        const presentable = failures.map(({ property, reason }) => {
          const text = redaction.presentable(reason);
          // The engine prints the value of the property that it is given.
          return isEchoable(declared.values[property], redaction)
            ? { property, reason: text }
            : { property: '', reason: `${property}: ${text}` };
        });
        return { inputs: { ...mapToHost(checked.inputs), ...hiddenOf(news) }, failures: presentable };
      });
    },

    diff(id, olds, news) {
      const [state, declared] = [partsOf(olds), partsOf(news)];
      return carryOut('diff', declared, async (resource, context) => {
        const before = rememberedIn(state);
        const read = await resource.read(context, id, state.values, before.values);
        for (const reason of read.unhealthy) context.log.warn(reason);
        const actual = read.found?.outputs ?? state.values;
        const diff = await resource.diff(context, id, actual, before.values, declared.values);
        if (!diff.changes) {
          // A rename by alias, or other time-outs: an update writes them to state, where a deletion looks for them.
          const { declaration, timeouts } = declared;
          return { changes: !isDeepStrictEqual([declaration, timeouts], [before.declaration, before.timeouts]) };
        }
        const replaces = replacedProperties(diff.detailed);
        // The preview of an update tells its reasons itself.
        const previewed = context.preview && replaces.length === 0;
        if (previewed) await resource.update(context, id, actual, before.values, declared.values);
        else for (const reason of diff.reasons) context.log.info(reason);
        if (replaces.length > 0) return { changes: true, replaces };
        // Always `true`: "unknown" lets the engine compare the inputs, which shows hidden ones and cannot see drift.
        return { changes: true };
      });
    },

    create(news) {
      const declared = partsOf(news);
      return carryOut('create', declared, async (resource, context) => {
        const written = await keeping(context, news, news, () => resource.create(context, declared.values));
        return { id: written.id, outs: stateOf(written.outputs, news) };
      });
    },

    read(id, props) {
      const state = partsOf(props);
      const before = state.inputs;
      return carryOut('read', before ?? state, async (resource, context) => {
        // Without remembered inputs it is a look-up by the option `id`, and `props` are inputs.
        const read = await resource.read(context, id, before && state.values, before?.values);
        for (const reason of read.unhealthy) context.log.warn(reason);
        if (read.found !== undefined) {
          const { id: found, outputs, inputs } = read.found;
          const hidden = hiddenOf(recordOf(props[inputsKey]) ?? props);
          return { id: found, props: stateOf(outputs, { ...mapToHost(inputs), ...hidden }) };
        }
        if (before === undefined) throw new UserError(`there is no machine ${id}; see the id in the Defender portal`);
        // Never reported as gone: the engine would drop it from state, and with it the record of a contained host.
        return { id, props };
      });
    },

    update(id, olds, news) {
      const [state, declared] = [partsOf(olds), partsOf(news)];
      return carryOut('update', declared, async (resource, context) => {
        const before = rememberedIn(state);
        // Where an update fails in part the engine keeps the old inputs, and so does what is remembered.
        const written = await keeping(context, recordOf(olds[inputsKey]) ?? news, news, () =>
          resource.update(context, id, state.values, before.values, declared.values),
        );
        return { outs: stateOf(written.outputs, news) };
      });
    },

    delete(id, props) {
      const state = partsOf(props);
      return carryOut('delete', state.inputs ?? state, (resource, context) =>
        resource.delete(context, id, state.values, state.inputs?.values),
      );
    },
  };
}

/** The preview of a write, as check failures: the engine puts those beside their resource. */
async function refusals(preview: () => Promise<unknown>): Promise<CheckFailure[]> {
  try {
    await preview();
    return [];
  } catch (error) {
    return [{ property: '', reason: messageOf(error) }];
  }
}

function timeoutFailures(timeouts: PropertyMap): CheckFailure[] {
  return Object.entries(timeouts)
    .filter(([, text]) => typeof text === 'string' && parseDuration(text) === undefined)
    .map(([name, text]) => ({
      property: '',
      reason: `customTimeouts.${name}: "${String(text)}" is no duration; write it in hours, minutes and seconds, such as 1h30m`,
    }));
}

/** The top-level properties whose difference is a replacement, each once. */
function replacedProperties(detailed: Readonly<Record<string, { readonly kind: string }>>): string[] {
  const paths = Object.keys(detailed).filter((path) => detailed[path]?.kind.endsWith('-replace'));
  return [...new Set(paths.map((path) => path.split(/[.[]/, 1)[0] ?? path))];
}

function rememberedIn(state: Parts): Parts {
  if (state.inputs !== undefined) return state.inputs;
  throw new UserError(
    `the state of this resource lacks ${inputsKey}, so it is not as pulumi-mde wrote it; restore it from the stack's history`,
  );
}

/** Without what stands for no more than a place; see `secretPlace`. */
function withoutPlaces(news: HostValues): HostValues {
  return Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
}
