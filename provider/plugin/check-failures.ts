import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import { rootOfPath } from '../property-path.ts';
import type { Redaction } from '../redaction.ts';
import type { CheckFailure, PropertyMap } from '../resources/resource.ts';

/** The engine prints the value of a property that failed; a longer one would bury the reason. */
const longestEcho = 120;

/**
 * Failures of a check in the protocol's shape. Beside the property's name the engine prints its value, as it is: where
 * that is a secret, or long, or nested, the name goes into the text and the engine is given none.
 */
export function toCheckFailures(
  failures: readonly CheckFailure[],
  inputs: PropertyMap,
  isSecret: (property: string) => boolean,
  redaction: Redaction,
): providerMessages.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const text = redaction.presentable(reason);
    const failure = new providerMessages.CheckFailure();
    const value = inputs[property];
    const echoable = value === undefined || value === null || ['string', 'number', 'boolean'].includes(typeof value);
    if (property !== '' && (!echoable || String(value).length > longestEcho || isSecret(rootOfPath(property)))) {
      return failure.setReason(`${property}: ${text}`);
    }
    return failure.setProperty(property).setReason(text);
  });
}
