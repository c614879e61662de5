import * as pulumi from '@pulumi/pulumi';

/** What a program registered with the engine. */
export type Registered = pulumi.runtime.MockResourceArgs;

/**
 * Starts a program with nothing registered, as a preview or not.
 *
 * @param outputs that every resource has, beside its inputs
 */
export async function program(outputs: object, preview = false): Promise<Registered[]> {
  const registered: Registered[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource(args) {
      registered.push(args);
      return { id: 'a', state: { ...args.inputs, ...outputs } };
    },
    call: (args) => args.inputs,
  };
  await pulumi.runtime.setMocks(mocks, 'soc', 'dev', preview);
  return registered;
}

export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => void output.apply(resolve));
}
