import type { PropertyMap } from '../../../provider/resources/resource.ts';
import type { IndicatorBody } from '../../../simulator/indicator.ts';
import { Declaration } from '../engine.ts';
import type { World } from '../host.ts';

export const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
export const otherSha1 = 'f'.repeat(40);
export const ada = 'ada@contoso.com';

const text = { title: 'INC-4711', description: 'dropper of the ransomware' };

/** A FileIndicator, as a program declares it. */
export function block(more: PropertyMap = {}): Declaration {
  return new Declaration('mde:index:FileIndicator', { indicatorValue: sha1, ...text, ...more });
}

/** The tenant's indicators in short: `994 BlockAndRemediate INC-4711`. */
export function shown(world: World): readonly string[] {
  return world.control.indicators().map(({ id, action, title }) => `${id} ${action} ${title}`);
}

export function only(world: World): IndicatorBody {
  const [first, second] = world.control.indicators();
  if (first === undefined || second !== undefined) throw new Error(`one indicator was expected: ${shown(world)}`);
  return first;
}
