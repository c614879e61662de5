import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import { isEchoable } from '../echo.ts';
import { rootOfPath } from '../property-path.ts';
import type { Redaction } from '../redaction.ts';
import type { CheckFailure, PropertyMap } from '../resources/resource.ts';

/**
 * Failures of a check in the protocol's shape. Beside the property's name the engine prints its value, as it is: where
 * that is a secret, or would bury the reason, the name goes into the text and the engine is given none.
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
    if (property !== '' && (!isEchoable(value, redaction) || isSecret(rootOfPath(property)))) {
      return failure.setReason(`${property}: ${text}`);
    }
    return failure.setProperty(property).setReason(text);
  });
}
