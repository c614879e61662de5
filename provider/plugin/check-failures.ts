import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import { rootOfPath } from '../property-path.ts';
import type { Redaction } from '../redaction.ts';
import type { CheckFailure, PropertyMap } from '../resources/resource.ts';

/** The engine prints the value of a property that failed; a longer one, or one of several lines, would bury the reason. */
const longestEcho = 120;

/**
 * Failures of a check in the protocol's shape. Beside the property's name the engine prints its value, as it is: where
 * that is a secret, or long, or a text of several lines, or nested, the name goes into the text and the engine is given none.
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
    if (property !== '' && (!isEchoable(value) || isSecret(rootOfPath(property)))) {
      return failure.setReason(`${property}: ${text}`);
    }
    return failure.setProperty(property).setReason(text);
  });
}

function isEchoable(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (!['string', 'number', 'boolean'].includes(typeof value)) return false;
  const text = String(value);
  return text.length <= longestEcho && !text.includes('\n');
}
