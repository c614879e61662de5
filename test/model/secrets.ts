import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import type { PropertyMap, PropertyValue } from '../../provider/resources/resource.ts';
import { secret } from '../plugin/structs.ts';
import { Broken } from './broken.ts';
import type { Tenant } from './tenant.ts';

/** Reasons that are given as secrets begin so, wherever they turn up. */
export const plantedReason = 'planted~reason';

/** A value as the engine marks a secret. */
export function asSecret(value: PropertyValue): PropertyMap {
  return secret(value) as unknown as PropertyMap;
}

/** A value of state without its marks, as a provider sees it. */
export function plain<T extends PropertyValue | undefined>(value: T): T {
  return unmarked(value, (inner) => inner) as T;
}

/** As the state's file shows it: secrets are ciphertext there. */
function shown(map: PropertyMap): string {
  return JSON.stringify(unmarked(map, () => '[ciphertext]'));
}

function unmarked(value: unknown, ofSecret: (inner: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => unmarked(item, ofSecret));
  const map = value as Readonly<Record<string, unknown>>;
  if (map[signatureKey] === signatures.secret) return ofSecret(unmarked(map.value, ofSecret));
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, unmarked(item, ofSecret)]));
}

/** I7: no secret in state, in what is told, or in what goes to Defender for people to read. */
export function judgeSecrets(tenant: Tenant, texts: readonly string[]): void {
  const { clientSecret } = tenant.world.simulator.credentials;
  const ours = [clientSecret, encodeURIComponent(clientSecret), 'eyJ'];
  const planted = [...ours, plantedReason, encodeURIComponent(plantedReason)];
  const search = (text: string, forms: readonly string[], where: string) => {
    const found = forms.find((form) => text.includes(form));
    if (found === undefined) return;
    const at = text.indexOf(found);
    throw new Broken(`I7: ${where} holds a secret: …${text.slice(Math.max(0, at - 80), at + 60)}…`);
  };
  for (const text of texts) search(text, planted, 'what is told');
  for (const stack of tenant.stacks) {
    for (const { name, id, inputs, outputs, initErrors } of stack.entries) {
      search(`${id} ${shown(inputs)} ${shown(outputs)} ${initErrors.join(' ')}`, planted, `the state of ${name}`);
    }
  }
  // The reason itself is what is to be read there, secret or not.
  for (const { requestorComment, cancellationComment } of tenant.world.control.actions())
    search(`${requestorComment} ${cancellationComment}`, ours, 'the comment of an action');
}
