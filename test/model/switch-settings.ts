import fc from 'fast-check';
import type { SwitchName, SwitchSettings } from '../../simulator/switches.ts';

type Drawn<Name extends SwitchName> = fc.Arbitrary<SwitchSettings[Name]>;

/** One of these instead of the default, once in so many stories. */
function sometimes<const T>(
  once: number,
  ...values: readonly T[]
): { readonly once: number; readonly of: fc.Arbitrary<T> } {
  return { once, of: fc.constantFrom(...values) };
}

/** How the stories draw each switch; a text says why none does. */
const drawn: { readonly [Name in SwitchName]: { readonly once: number; readonly of: Drawn<Name> } | string } = {
  duplicateRequest: sometimes(3, 'reject-400', 'alternate', 'accept'),
  isolateWhenIsolated: sometimes(6, 'stay-pending', 'run-after-release'),
  restrictWhenRestricted: sometimes(6, 'stay-pending'),
  unrestrictWhenNotRestricted: sometimes(4, 'fail'),
  secondIsolateRestartsLease: sometimes(3, true),
  secondIsolateChangesType: sometimes(4, true),
  leaseStart: sometimes(3, 'completion'),
  liftAfterHours: sometimes(4, 180, 190),
  liftRecord: sometimes(4, 'unisolate-action'),
  unisolateWhenNotIsolated: sometimes(3, 'fail'),
  isolateNotOnboarded: sometimes(3, 'fail'),
  giveUpAfterHours: 'three days are what the lease is reckoned with (semantics 2.2); another time is another service',
  giveUpStatus: sometimes(3, 'Failed'),
  cancelFinalCode: sometimes(3, 'BadRequest'),
  cancelledThoughExecuted: sometimes(5, true),
  completionOrder: sometimes(3, 'newest-first', 'independent'),
  scopeInAnswer: sometimes(3, 'filled', 'always-null'),
  listDelaySeconds: sometimes(3, 2, 4),
  getDelaySeconds: sometimes(4, 2, 4),
  throttleWindow: sometimes(3, 'fixed'),
  throttleCountsRejected: sometimes(4, true),
  throttleCode: sometimes(4, 'TooManyRequests'),
  retryAfter: sometimes(3, 'absent', 'short'),
  ambiguousName: sometimes(3, 'newest', '404'),
  actionId: sometimes(4, 'lenient'),
  filterCase: sometimes(3, 'insensitive'),
  odataError: sometimes(4, 'documented'),
  topOverLimit: sometimes(4, 'cap'),
  noMachines: sometimes(4, '404'),
  requestorOfApps: sometimes(3, 'id'),
  pageSize: sometimes(4, 3, 10),
  duplicateOfFileOrPackage: sometimes(3, 'as-others'),
  fileConflictKey: sometimes(3, 'machine'),
  fileNotPresent: sometimes(3, 'succeed'),
  missingIsolationType: 'every isolate that is sent has its type',
  packageUri: 'no story fetches a package',
  rbacGroupNames: 'no story makes an indicator',
  unknownRbacGroup: 'no story makes an indicator',
  indicatorKey: 'no story makes an indicator',
  indicatorUpdate: 'no story makes an indicator',
  foreignIndicator: 'no story makes an indicator',
  legacyIndicatorActions: 'no story makes an indicator',
  mostIndicators: 'no story makes an indicator',
  tokenClock: 'stories live in simulated time, in which tokens end too; over sockets the library has the real time',
};

const arbitraries = Object.entries(drawn).flatMap(([name, how]) =>
  typeof how === 'string'
    ? []
    : [
        [
          name,
          fc.oneof(
            { weight: how.once - 1, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: how.of as fc.Arbitrary<unknown> },
          ),
        ] as const,
      ],
);

/** How a tenant's service behaves where Microsoft's documents leave it open. */
export const switchSettings: fc.Arbitrary<Partial<SwitchSettings>> = fc
  .record(Object.fromEntries(arbitraries))
  .map(
    (each) =>
      Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)) as Partial<SwitchSettings>,
  );
