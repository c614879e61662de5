import grpc from '@grpc/grpc-js';
import type { Provider } from '../../../provider/resources/provider.ts';
import {
  type DiffKind,
  type DiffResult,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type Resource,
  UserError,
} from '../../../provider/resources/resource.ts';
import { CallFailed, type PluginUnderTest } from '../../plugin/fake-engine.ts';

/** Kinds of the protocol's PropertyDiff. */
const kinds: readonly DiffKind[] = ['add', 'add-replace', 'delete', 'delete-replace', 'update', 'update-replace'];

/** The resources of a plugin in a process of its own, each method a call over the wire. */
export function resourcesOf(plugin: PluginUnderTest, types: readonly string[]): Provider['resources'] {
  return new Map(types.map((type) => [type, overTheWire(plugin, type)]));
}

function overTheWire(plugin: PluginUnderTest, token: string): Resource {
  const urn = ({ declaration }: OperationContext) => declaration.key;
  const optionsOf = ({ preview, timeoutMs }: OperationContext) => ({ preview, timeout: (timeoutMs ?? 0) / 1_000 });
  return {
    token,
    async check(context, olds, news) {
      const { inputs, failures } = await told(plugin.check(urn(context), news, olds));
      return { inputs: inputs as PropertyMap, failures };
    },
    async diff(context, id, outputs, oldInputs, news): Promise<DiffResult> {
      const diff = await told(plugin.diff(urn(context), id, outputs, oldInputs, news));
      const detailed = Object.entries(diff.detailed).map(([path, { kind, inputdiff }]) => {
        return [path, { kind: kinds[kind] ?? 'update', fromInputs: inputdiff }] as const;
      });
      return { changes: diff.changes === 'some', detailed: Object.fromEntries(detailed), reasons: [] };
    },
    async create(context, inputs) {
      const { id, properties } = await told(plugin.create(urn(context), inputs, optionsOf(context)));
      return { id, outputs: properties as PropertyMap };
    },
    async read(context, id, outputs, inputs) {
      const state = outputs === undefined ? undefined : { outputs, inputs: inputs ?? {} };
      try {
        const read = await plugin.read(urn(context), id, state);
        if (read.id === '') return { found: undefined, unhealthy: [] };
        return { found: foundIn(read), unhealthy: [] };
      } catch (error) {
        if (!(error instanceof CallFailed) || error.initFailed === undefined) throw explained(error);
        return { found: foundIn(error.initFailed), unhealthy: error.initFailed.reasons };
      }
    },
    async update(context, id, outputs, oldInputs, news) {
      const { properties } = await told(plugin.update(urn(context), id, outputs, oldInputs, news, optionsOf(context)));
      return { id, outputs: properties as PropertyMap };
    },
    async delete(context, id, outputs, inputs) {
      await told(plugin.delete(urn(context), id, outputs, inputs ?? {}, optionsOf(context).timeout));
    },
  };
}

interface Answered {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>> | undefined;
  readonly inputs: Readonly<Record<string, unknown>> | undefined;
}

function foundIn({ id, properties, inputs }: Answered) {
  return { id, outputs: (properties ?? {}) as PropertyMap, inputs: (inputs ?? {}) as PropertyMap };
}

async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw explained(error);
  }
}

/** What the engine makes of a failure. One that is not told in a person's words stays what it is: a bug. */
function explained(error: unknown): unknown {
  if (!(error instanceof CallFailed)) return error;
  const { initFailed, code, message } = error;
  if (initFailed !== undefined)
    return new PartialFailure(initFailed.id, (initFailed.properties ?? {}) as PropertyMap, initFailed.reasons);
  const isTold = code === grpc.status.FAILED_PRECONDITION || code === grpc.status.CANCELLED;
  return isTold ? new UserError(message) : error;
}
