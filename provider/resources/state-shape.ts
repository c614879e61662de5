import { unreadableState } from './machine-isolation/obstacle.ts';
import { type PropertyMap, type Resource, UserError } from './resource.ts';
import { stateKinds } from './schema-types.ts';

/**
 * The same resource, which is handed no state (and no declaration that no check let through) that holds something else in the place of a text, a flag or a number: from
 * such a state nobody can tell what was declared, or done. Nothing is sent by it, and it stays as it is.
 */
export function guardState(resource: Resource): Resource {
  const { token } = resource;
  const refuse = (...states: readonly (PropertyMap | undefined)[]) => {
    const wrong = states.map((state) => misshapen(token, state)).find((each) => each !== undefined);
    if (wrong !== undefined) throw new UserError(unreadableState(wrong));
  };
  const refuseDeclared = (declared: PropertyMap) => {
    const wrong = misshapen(token, declared, true);
    if (wrong !== undefined) throw new UserError(`${wrong} holds what no check lets through; nothing was sent`);
  };
  return {
    ...resource,
    async read(context, id, outputs, inputs) {
      const wrong = misshapen(token, outputs) ?? misshapen(token, inputs);
      if (wrong === undefined || outputs === undefined) return resource.read(context, id, outputs, inputs);
      const unhealthy = [`${context.declaration.name}: ${unreadableState(wrong)}`];
      return { found: { id, outputs, inputs: inputs ?? {} }, unhealthy };
    },
    async create(context, inputs) {
      refuseDeclared(inputs);
      return resource.create(context, inputs);
    },
    async diff(context, id, oldOutputs, oldInputs, news) {
      refuse(oldOutputs, oldInputs);
      refuseDeclared(news);
      return resource.diff(context, id, oldOutputs, oldInputs, news);
    },
    async update(context, id, oldOutputs, oldInputs, news) {
      refuse(oldOutputs, oldInputs);
      refuseDeclared(news);
      return resource.update(context, id, oldOutputs, oldInputs, news);
    },
    async delete(context, id, outputs, oldInputs) {
      refuse(outputs, oldInputs);
      return resource.delete(context, id, outputs, oldInputs);
    },
  };
}

/** The first property that holds what it cannot; undefined where there is none. */
function misshapen(token: string, state: PropertyMap | undefined, unknowns = false): string | undefined {
  const kinds = Object.entries(stateKinds[token] ?? {});
  return kinds.find(([name, kind]) => {
    const value = state !== undefined && Object.hasOwn(state, name) ? state[name] : undefined;
    // In a preview, what is declared may not be known yet; in state nothing is unknown.
    const isOpen = (each: unknown) => unknowns && typeof each === 'symbol';
    if (value === undefined || isOpen(value)) return false;
    return kind === 'texts'
      ? !Array.isArray(value) || !value.every((each) => typeof each === 'string' || isOpen(each))
      : typeof value !== kind;
  })?.[0];
}
