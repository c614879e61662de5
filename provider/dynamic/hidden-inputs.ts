/**
 * What the class sends along beside the declared inputs. The dynamic protocol gives its provider neither URN nor
 * time-outs, old inputs or a word about preview, so they travel as inputs of their own. The engine shows no key that
 * begins with two underscores.
 */

/** Text that the engine keeps in state and the dynamic host runs; see `providerText`. */
export const providerKey = '__provider';

/** A `Declaration`: which declaration this is. */
export const declarationKey = '__declaration';

/** `customTimeouts` of the resource's options, as given: Go durations by operation. */
export const timeoutsKey = '__timeouts';

/**
 * Present, and not known, in preview only. Being unknown it never contradicts a saved update plan, in which a plain
 * value that comes in preview and goes in `up` would be a violation.
 */
export const previewKey = '__preview';

/** In outputs: the inputs of the last successful run, since the protocol hands over no old inputs. */
export const inputsKey = '__inputs';

/** All keys that are not the user's. */
export const hiddenKeys: readonly string[] = [providerKey, declarationKey, timeoutsKey, previewKey, inputsKey];

/**
 * What lands in state as `__provider`, for every dynamic resource of this package, in every release. Old states run it
 * to refresh and delete, so it is never changed, and the module that it names stays where it is.
 */
export const providerText = 'exports.handler = () => require("pulumi-mde/dynamic-provider");';
