import type { IsolationType } from '../defender/machine-action.ts';
import type { ResponseRequest } from '../defender/response-actions.ts';
import { type LeaseTerms, sevenDays, untilLifted } from './lease.ts';

/**
 * Two actions of which one undoes the other, and what people are told about them. All rules of containment are written
 * once, over such a pair.
 */
export interface Pair {
  readonly name: 'isolation' | 'codeRestriction';
  /** Type of the machine action that contains the host. */
  readonly apply: 'Isolate' | 'RestrictCodeExecution';
  /** Type of the one that lets it go. */
  readonly lift: 'Unisolate' | 'UnrestrictCodeExecution';
  /** How long the host stays contained by itself. */
  readonly lease: LeaseTerms;
  readonly words: PairWords;
}

/** Each in the form in which messages use it, so that none of them has to be put together. */
export interface PairWords {
  readonly apply: string;
  readonly applies: string;
  readonly applied: string;
  readonly applying: string;
  /** What was asked for, with its article and without. */
  readonly application: string;
  readonly anApplication: string;
  /** A request for a host that is, or may be, contained already. */
  readonly renewal: string;
  readonly release: string;
  readonly releases: string;
  readonly released: string;
  readonly releasing: string;
  /** The request to let go, with its article and without. */
  readonly aRelease: string;
  readonly theRelease: string;
  /** In `NOT CONTAINED YET`, and in `NOT RELEASED YET`. */
  readonly CONTAINED: string;
  readonly RELEASED: string;
  /** States by their names in code, as state and messages tell them; those that are missing are told as they are. */
  readonly states: Readonly<Record<string, string>>;
  /** What the device must have, as a sentence; told where a request fails. Undefined: nothing that is worth saying. */
  readonly needs?: string;
}

export const isolation: Pair = {
  name: 'isolation',
  apply: 'Isolate',
  lift: 'Unisolate',
  lease: sevenDays,
  words: {
    apply: 'isolate',
    applies: 'isolates',
    applied: 'isolated',
    applying: 'isolating',
    application: 'isolation',
    anApplication: 'an isolation',
    renewal: 'renewal',
    release: 'release',
    releases: 'releases',
    released: 'released',
    releasing: 'releasing',
    aRelease: 'a release',
    theRelease: 'release',
    CONTAINED: 'CONTAINED',
    RELEASED: 'RELEASED',
    states: {},
  },
};

/** Only programs signed by Microsoft run on the host. It stands until it is lifted. */
export const codeRestriction: Pair = {
  name: 'codeRestriction',
  apply: 'RestrictCodeExecution',
  lift: 'UnrestrictCodeExecution',
  lease: untilLifted,
  words: {
    apply: 'restrict',
    applies: 'restricts',
    applied: 'restricted',
    applying: 'restricting',
    application: 'restriction',
    anApplication: 'a restriction',
    renewal: 'request',
    release: 'unrestrict',
    releases: 'unrestricts',
    released: 'unrestricted',
    releasing: 'unrestricting',
    aRelease: 'an unrestriction',
    theRelease: 'unrestriction',
    CONTAINED: 'RESTRICTED',
    RELEASED: 'UNRESTRICTED',
    states: {
      isolated: 'restricted',
      isolating: 'restricting',
      released: 'unrestricted',
      releasing: 'unrestricting',
    },
    needs:
      'A restriction needs Windows 10 (1709 or later), Windows 11, or Windows Server 2019 or later, with Microsoft Defender Antivirus and application control (WDAC) on the device. Where it cannot have them, isolate it instead (MachineIsolation).',
  },
};

export const pairs: readonly Pair[] = [isolation, codeRestriction];

/** A state as people are told it. */
export function stateWord({ words }: Pair, state: string): string {
  // State may hold any word here, the name of something that every object has among them.
  return (Object.hasOwn(words.states, state) ? words.states[state] : undefined) ?? state;
}

/** @param isolationType means something to an isolation only */
export function applyRequest({ apply }: Pair, isolationType: IsolationType): ResponseRequest {
  return apply === 'Isolate' ? { type: apply, isolationType } : { type: apply };
}
