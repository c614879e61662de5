import type { PropertyPath } from '../property-path.ts';
import type { PropertyMap, PropertyValue } from '../resources/resource.ts';

/** What makes a value of an answer a secret. */
export interface SecretSources {
  /** Where secrets stood in the request. */
  readonly paths: readonly PropertyPath[];
  /** Top-level properties that are secret by schema. */
  readonly names: ReadonlySet<string>;
  /** The answer is the request in another shape: a secret that has no place of its own there may be anywhere in it. */
  readonly reshapes?: boolean | undefined;
  /** Whether a text holds a secret that is known from elsewhere. */
  touches(text: string): boolean;
}

/**
 * Where secrets stand in an answer. A secret input makes the value at the same place secret, or the whole property
 * where the answer has no such place; a text that holds a secret is one, whatever its name.
 */
export function secretPaths(answer: PropertyMap, sources: SecretSources): readonly PropertyPath[] {
  const found: PropertyPath[] = [];
  for (const name of sources.names) if (isPresent(answer[name])) found.push([name]);
  for (const path of sources.paths) {
    const root = path[0];
    if (reaches(answer, path)) found.push(path);
    else if (typeof root === 'string' && isPresent(Object.hasOwn(answer, root) ? answer[root] : undefined))
      found.push([root]);
    else if (sources.reshapes === true) found.push(...Object.keys(answer).map((name) => [name]));
  }
  collectTexts(answer, [], sources, found);
  return found;
}

function isPresent(value: PropertyValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function reaches(answer: PropertyMap, path: PropertyPath): boolean {
  let here: unknown = answer;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return false;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here !== undefined;
}

/** @param path of the value, and as before afterwards; copied only where a secret is found */
function collectTexts(value: unknown, path: (string | number)[], sources: SecretSources, found: PropertyPath[]): void {
  if (typeof value === 'string') {
    if (sources.touches(value)) found.push([...path]);
  } else if (typeof value === 'object' && value !== null && path.length <= 100) {
    const collect = (key: string | number, item: unknown): void => {
      path.push(key);
      collectTexts(item, path, sources, found);
      path.pop();
    };
    if (Array.isArray(value)) for (const [index, item] of value.entries()) collect(index, item);
    else for (const key of Object.keys(value)) collect(key, (value as Record<string, unknown>)[key]);
  }
}
