import type { DeclarationIdentity } from '../resources/resource.ts';

/**
 * Which declaration a URN names: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. The name may itself hold `::`.
 * What is no URN gives empty parts, with the text as key: an identity is for messages and marks, and is never refused
 * here.
 */
export function parseUrn(urn: string): DeclarationIdentity {
  const [prefix = '', project = '', types = '', ...name] = urn.split('::');
  const stack = prefix.replace(/^urn:pulumi:/, '');
  return { project, stack, type: types.slice(types.lastIndexOf('$') + 1), name: name.join('::'), key: urn };
}
