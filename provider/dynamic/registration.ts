import * as pulumi from '@pulumi/pulumi';
import { secretConfigKeys } from '../resources/schema-types.ts';
import { declarationKey, inputsKey, previewKey, providerKey, providerText, timeoutsKey } from './hidden-inputs.ts';

/**
 * What `pulumi.dynamic.Resource` does, without the serializing: it sets `__provider` and registers a custom resource of
 * a `pulumi-nodejs:dynamic` type. A text that is always the same costs no time, is the same from linked and installed
 * packages, and carries no code.
 */
export function dynamicType(token: string): string {
  return `pulumi-nodejs:dynamic/${token.replace(':index:', ':')}`;
}

interface Registration {
  readonly token: string;
  readonly name: string;
  readonly args: object;
  readonly outputNames: readonly string[];
  readonly opts: pulumi.CustomResourceOptions | undefined;
}

/** The inputs as they go to the engine: the declared ones, the hidden ones, and a place for every output. */
export function dynamicInputs({ token, name, args, outputNames, opts }: Registration): pulumi.Inputs {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  return {
    ...Object.fromEntries(outputNames.map((output) => [output, undefined])),
    ...args,
    [providerKey]: providerText,
    [declarationKey]: {
      project,
      stack,
      type: token,
      name,
      key: pulumi.createUrn(name, dynamicType(token), opts?.parent, project, stack),
    },
    [timeoutsKey]: opts?.customTimeouts,
    [previewKey]: pulumi.runtime.isDryRun() ? pulumi.output(pulumi.unknown) : undefined,
  };
}

/**
 * An input in whose place the provider will tell something of `sources`: secret where one of them is, else absent. The
 * engine takes no secrets from a dynamic provider; it marks what comes back under the name of a secret input.
 */
export function secretPlace(...sources: readonly unknown[]): pulumi.Output<null | undefined> {
  const secret = Promise.all(sources.map((source) => pulumi.isSecret(pulumi.output(source)))).then((each) =>
    each.includes(true),
  );
  return pulumi.output(secret.then((isSecret) => (isSecret ? pulumi.secret(null) : undefined)));
}

/** Why a class takes no `import`, and no `deleteBeforeReplace`; undefined: it takes it. */
export interface RefusedOptions {
  readonly import: string;
  readonly deleteBeforeReplace: string | undefined;
}

const refusedByContainment: RefusedOptions = {
  import:
    'Leave `import` out: a machine that is isolated already is taken over as it is, with `takeOwnership: true` also the right to release it. Or import with the mde plugin.',
  deleteBeforeReplace:
    'It would release the old machine before the new one is isolated, and leave it released if that fails.',
};

/** The options as they go to the engine, or an error for those that this class must not be used with. */
export function dynamicOptions(
  name: string,
  opts: pulumi.CustomResourceOptions = {},
  refused: RefusedOptions = refusedByContainment,
): pulumi.CustomResourceOptions {
  if (opts.import !== undefined)
    throw new pulumi.RunError(`${name}: a dynamic resource cannot be imported. ${refused.import}`);
  if (opts.deleteBeforeReplace === true && refused.deleteBeforeReplace !== undefined)
    throw new pulumi.RunError(`${name}: leave \`deleteBeforeReplace\` out. ${refused.deleteBeforeReplace}`);
  warnOfPlainSecrets();
  // The remembered inputs repeat the declared ones, of which the program may have made some secret.
  return { ...opts, additionalSecretOutputs: [...(opts.additionalSecretOutputs ?? []), inputsKey] };
}

let warned = false;

/** The host's configuration lands in state: encrypted what was set with --secret, in clear what was not. */
function warnOfPlainSecrets(): void {
  if (warned) return;
  warned = true;
  const { isConfigSecret, getConfig } = pulumi.runtime as {
    isConfigSecret?: (key: string) => boolean;
  } & typeof pulumi.runtime;
  for (const key of secretConfigKeys.map((each) => `mde:${each}`)) {
    if (getConfig(key) !== undefined && isConfigSecret?.(key) === false) {
      void pulumi.log.warn(
        `${key} stands in clear in the stack's configuration and state: set it again with \`pulumi config set --secret ${key}\`, and renew the secret.`,
      );
    }
  }
}
