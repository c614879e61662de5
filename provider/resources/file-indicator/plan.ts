import type { Indicator, IndicatorId } from '../../defender/indicator.ts';
import { type Changeable, type Declared, differences, weakening } from './declared.ts';
import type { Seen } from './sight.ts';

/** What brings the indicators of a file to what is declared. */
export type Plan =
  | { readonly kind: 'none'; readonly indicator: Indicator }
  /** It ended as declared, and the service removed it. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'make'; readonly again: boolean }
  | {
      readonly kind: 'change';
      /** The one that is changed. */
      readonly indicator: Indicator;
      readonly properties: readonly Changeable[];
      /** Ours too, left behind by an interrupted change; deleted once the declared one is there. */
      readonly surplus: readonly Indicator[];
      readonly weaker: readonly string[];
      /** It was not ours so far. */
      readonly takesOver: boolean;
    }
  | { readonly kind: 'refuse'; readonly why: 'taken' | 'several' | 'blind'; readonly by: readonly Indicator[] };

/** Which indicators that are not ours so far may become so. */
export interface MayTake {
  /** Whatever is there, on purpose. */
  readonly takeOwnership: boolean;
  /** In the state of another resource of the run, which gives it up. */
  isInState(id: IndicatorId): boolean;
}

/** @param known whether state holds the declaration */
export function planFor({ ours, others, blind, asOf }: Seen, declared: Declared, known: boolean, may: MayTake): Plan {
  if (ours.length > 0) return changeOf(ours, declared, false);
  if (declared.expirationTime !== null && declared.expirationTime <= asOf) return { kind: 'expired' };
  const [other] = others;
  if (other === undefined) {
    // That nothing is seen tells nothing then.
    return blind && !may.takeOwnership ? { kind: 'refuse', why: 'blind', by: [] } : { kind: 'make', again: known };
  }
  if (!others.every(({ id }) => may.takeOwnership || may.isInState(id)))
    return { kind: 'refuse', why: 'taken', by: others };
  if (others.length > 1) return { kind: 'refuse', why: 'several', by: others };
  return changeOf([other], declared, true);
}

function changeOf(ours: readonly Indicator[], declared: Declared, takesOver: boolean): Plan {
  const right = ours.find((each) => differences(declared, each).length === 0);
  const indicator = right ?? ours[0];
  if (indicator === undefined) throw new RangeError('there is no indicator to change');
  const surplus = ours.filter((each) => each !== indicator);
  if (right !== undefined && surplus.length === 0 && !takesOver) return { kind: 'none', indicator: right };
  return {
    kind: 'change',
    indicator,
    properties: differences(declared, indicator),
    surplus,
    weaker: ours.flatMap((each) => weakening(each, declared)),
    takesOver,
  };
}
