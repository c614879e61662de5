import type { LookupFunction } from '../../provider/functions/lookup.ts';
import type { Provider } from '../../provider/resources/provider.ts';
import {
  type CheckFailure,
  MissingConfiguration,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type Resource,
  UserError,
  unknown,
} from '../../provider/resources/resource.ts';

/**
 * A provider without a service behind it, for tests of the protocol: a Thing does as its input `behave` says, and
 * reports in its outputs what it was called with.
 */
export function createProvider(): Provider {
  let configuration: PropertyMap | undefined;
  let stopReason: string | undefined;
  let running = 0;
  let mostRunning = 0;

  const seen = (context: OperationContext): PropertyMap => ({
    key: context.declaration.key,
    stack: context.declaration.stack,
    project: context.declaration.project,
    name: context.declaration.name,
    preview: context.preview,
    timeoutMs: context.timeoutMs ?? null,
  });

  async function write(context: OperationContext, id: string, inputs: PropertyMap): Promise<PropertyMap> {
    running++;
    mostRunning = Math.max(mostRunning, running);
    try {
      return await behave(context, id, inputs);
    } finally {
      running--;
    }
  }

  async function behave(context: OperationContext, id: string, inputs: PropertyMap): Promise<PropertyMap> {
    const outputs = { ...inputs, ...seen(context), most: mostRunning };
    switch (inputs.behave) {
      case 'refuse':
        throw new UserError(`${context.declaration.name}: refused\nnext: do something else`);
      case 'break':
        throw new TypeError(`cannot read the ${String(configuration?.clientSecret)}\n    at somewhere.ts:12`);
      case 'partial':
        throw new PartialFailure(id, { ...outputs, state: 'isolating' }, ['NOT CONTAINED YET', `look at ${id}`]);
      case 'bad-output':
        return { ...outputs, state: 'isolated', oops: Number.NaN };
      case 'talk':
        context.log.info('first line\nsecond line');
        context.log.warn('\u001b[31mred\u0007\u202e');
        for (let i = 0; i < 50; i++) context.log.status(`${i}/50`);
        return outputs;
      case 'config':
        return { ...outputs, config: configuration ?? null };
      case 'meet':
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { ...outputs, most: mostRunning };
      case 'wait':
        context.log.info(`waiting in process ${process.pid}`);
        await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }));
        throw new PartialFailure(id, { ...outputs, state: 'isolating', stopReason: stopReason ?? null }, ['stopped']);
      case 'hang':
        context.log.info('hanging');
        return new Promise(() => undefined);
      case 'beat':
        // Says a word every 20 ms for as long as it is allowed to: what a test watches for silence.
        context.log.info(`beat ${process.pid}`);
        while (!context.signal.aborted) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          await fetch(String(inputs.url)).catch(() => undefined);
        }
        throw new UserError('stopped');
      case 'stray':
        setTimeout(() => {
          throw new Error(`stray ${String(configuration?.clientSecret)}`);
        }, 1);
        await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }));
        throw new UserError('stopped by a stray error');
      case 'print':
        console.log('noise');
        process.stdout.write('more noise\n');
        console.error(`secret is ${String(configuration?.clientSecret)}`);
        return outputs;
      default:
        return { ...outputs, state: context.preview ? unknown : 'isolated' };
    }
  }

  const thing: Resource = {
    token: 'fake:index:Thing',
    async check(_context, _olds, news) {
      const failures: CheckFailure[] = [];
      if (news.comment === '') failures.push({ property: 'comment', reason: 'must not be blank' });
      if (String(news.comment).startsWith('wrong')) failures.push({ property: 'comment', reason: 'says nothing' });
      if (news.behave === 'fail-check') failures.push({ property: 'token', reason: `not ${String(news.token)}` });
      return { inputs: { isolationType: 'Full', ...news }, failures };
    },
    async diff(_context, _id, olds, oldInputs, news) {
      const detailed: Record<string, { kind: 'update' | 'update-replace'; fromInputs: boolean }> = {};
      if (news.comment !== oldInputs.comment) detailed['hosts["a.b"].comment'] = { kind: 'update', fromInputs: true };
      if (olds.state !== 'isolated') detailed.state = { kind: 'update', fromInputs: false };
      return { changes: Object.keys(detailed).length > 0, detailed, reasons: [], stables: ['machineId'] };
    },
    async create(context, inputs) {
      const id = `id-of-${context.declaration.name}`;
      return { id, outputs: await write(context, id, inputs) };
    },
    async read(context, id, outputs, inputs) {
      if (id === 'nowhere') return { found: undefined, unhealthy: [] };
      const found = {
        id: id.toLowerCase(),
        outputs: { ...outputs, hadOutputs: outputs !== undefined, hadInputs: inputs !== undefined, ...seen(context) },
        inputs: inputs ?? { comment: 'imported' },
      };
      return { found, unhealthy: id === 'ill' ? ['the service did not answer'] : [] };
    },
    async update(context, id, _olds, _oldInputs, news) {
      return { id, outputs: await write(context, id, news) };
    },
    async delete(context, id, outputs) {
      if (outputs.behave === 'partial') throw new PartialFailure(id, {}, ['not released yet']);
      await write(context, id, outputs);
    },
  };

  const getThing: LookupFunction = {
    token: 'fake:index:getThing',
    check(inputs) {
      return inputs.name === '' ? [{ property: 'name', reason: 'must not be blank' }] : [];
    },
    async run(context, inputs) {
      switch (inputs.behave) {
        case 'refuse':
          throw new UserError('getThing: no thing is named so\nnext: give another name');
        case 'break':
          throw new TypeError(`cannot read the ${String(configuration?.clientSecret)}\n    at somewhere.ts:12`);
        case 'talk':
          context.log.warn('more than fit');
          return { things: [] };
        case 'tell-secret':
          return { text: `it is ${String(configuration?.clientSecret)}`, plain: 'no secret' };
        case 'wait':
          context.log.info('looking');
          await new Promise<void>((resolve) =>
            context.signal.addEventListener('abort', () => resolve(), { once: true }),
          );
          throw new UserError('getThing: stopped');
        case 'bad-output':
          return { oops: Number.NaN };
        default:
          return { ...inputs, absent: undefined, list: [{ a: 1, b: null }] };
      }
    },
  };

  return {
    checkConfig(config) {
      const failures: CheckFailure[] = [];
      if (config.cloud !== undefined && config.cloud !== 'Commercial') {
        failures.push({ property: 'cloud', reason: 'must be Commercial' });
      }
      if (config.clientSecret === 'too-short-secret') {
        failures.push({ property: 'clientSecret', reason: 'too-short-secret is too short' });
      }
      return failures;
    },
    configure(config) {
      if (config.cloud === 'Nowhere') throw new MissingConfiguration([{ name: 'tenantId', description: 'the tenant' }]);
      configuration = config;
    },
    resources: new Map([[thing.token, thing]]),
    functions: new Map([[getThing.token, getThing]]),
    summary: () => ['1 host contained', `most at once: ${mostRunning}`],
    stop(reason) {
      stopReason = reason;
    },
    close() {},
  };
}
