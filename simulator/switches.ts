/** A question that Microsoft's documents leave open; `values[0]` is not special, `default` is. */
interface Choice {
  readonly values: readonly string[];
  readonly default: string;
  readonly about: string;
}

/** A measure, in the unit that the name ends with. */
interface Measure {
  readonly values: 'number';
  readonly default: number;
  readonly about: string;
}

interface Flag {
  readonly values: 'boolean';
  readonly default: boolean;
  readonly about: string;
}

/**
 * Every point on which the real service's behaviour is unknown or reported both ways. Each is a row: its settings, what
 * we assume when nobody says otherwise, and what it is about.
 */
export const switches = {
  duplicateRequest: {
    values: ['return-pending', 'reject-400', 'alternate', 'accept'],
    default: 'return-pending',
    about:
      'A request of the same type while one runs on that machine: 201 with the running action, 400 ActiveRequestAlreadyExists, each in turn, or a second action.',
  },
  isolateWhenIsolated: {
    values: ['succeed', 'stay-pending', 'run-after-release'],
    default: 'succeed',
    about:
      'Isolate on an isolated machine: carried out, Pending for good, or Pending until the next release and then carried out.',
  },
  duplicateOfFileOrPackage: {
    values: ['reject-400', 'as-others'],
    default: 'reject-400',
    about:
      'A second StopAndQuarantineFile or CollectInvestigationPackage while one runs: 400 whatever duplicateRequest says, or as that says.',
  },
  fileConflictKey: {
    values: ['machine-and-hash', 'machine'],
    default: 'machine-and-hash',
    about: 'Whether requests for two different files on one machine are duplicates of each other: no, or yes.',
  },
  fileNotPresent: {
    values: ['fail', 'succeed'],
    default: 'fail',
    about: 'How a StopAndQuarantineFile ends where the machine does not have the file.',
  },
  restrictWhenRestricted: {
    values: ['succeed', 'stay-pending'],
    default: 'succeed',
    about: 'RestrictCodeExecution on a restricted machine: carried out, or Pending for good.',
  },
  unrestrictWhenNotRestricted: {
    values: ['succeed', 'fail'],
    default: 'succeed',
    about: 'How an UnrestrictCodeExecution of a machine that is not restricted ends.',
  },
  packageUri: {
    values: ['plain', 'quoted'],
    default: 'plain',
    about: "The link in getPackageUri's answer: as it is, or in quotes of its own, as the documents' sample has it.",
  },
  rbacGroupNames: {
    values: ['array', 'text', 'either'],
    default: 'array',
    about: "How an indicator's device groups may be written: a JSON array, a text with commas, or either.",
  },
  unknownRbacGroup: {
    values: ['reject', 'accept'],
    default: 'reject',
    about: 'An indicator for a device group that no machine is in: 400, or taken.',
  },
  indicatorKey: {
    values: ['value', 'value-and-action'],
    default: 'value',
    about:
      'What a POST finds an indicator by, to change it: its type and value, or its action besides; else it makes another.',
  },
  indicatorUpdate: {
    values: ['replace', 'merge'],
    default: 'replace',
    about: 'What an update of an indicator leaves out: back to its default, or kept as it was.',
  },
  foreignIndicator: {
    values: ['update', 'forbid'],
    default: 'update',
    about: 'A POST for an indicator that the app may not see, for another made it: changed all the same, or 403.',
  },
  legacyIndicatorActions: {
    values: ['reject', 'accept'],
    default: 'reject',
    about: 'Alert and AlertAndBlock, which the documents list and call unsupported: 400, or taken.',
  },
  mostIndicators: {
    values: 'number',
    default: 15_000,
    about: 'Active indicators that a tenant may have; one more is 400.',
  },
  secondIsolateRestartsLease: {
    values: 'boolean',
    default: false,
    about: 'Whether an isolate on an isolated machine starts the seven days anew.',
  },
  secondIsolateChangesType: {
    values: 'boolean',
    default: false,
    about: 'Whether an isolate on an isolated machine turns Full into Selective or back.',
  },
  leaseStart: {
    values: ['request', 'completion'],
    default: 'request',
    about: 'What the seven days are counted from.',
  },
  liftAfterHours: { values: 'number', default: 168, about: 'How long an isolation lasts before it lifts by itself.' },
  liftRecord: {
    values: ['none', 'unisolate-action'],
    default: 'none',
    about: 'Whether the lift leaves an Unisolate in the machine actions.',
  },
  unisolateWhenNotIsolated: {
    values: ['succeed', 'fail'],
    default: 'succeed',
    about: 'How an Unisolate of a machine that is not isolated ends.',
  },
  isolateNotOnboarded: {
    values: ['reject', 'fail'],
    default: 'reject',
    about:
      'Anything but UnManagedDevice and releases on a machine that is not onboarded: refused with 400, or accepted and Failed.',
  },
  missingIsolationType: {
    values: ['full', 'reject'],
    default: 'full',
    about: 'An isolate without IsolationType: taken as Full, or 400 MissingRequiredParameter.',
  },
  giveUpAfterHours: { values: 'number', default: 72, about: 'How long an action waits for an offline machine.' },
  giveUpStatus: {
    values: ['TimeOut', 'Failed'],
    default: 'TimeOut',
    about: 'The status of an action that waited in vain.',
  },
  cancelFinalCode: {
    values: ['InvalidInput', 'BadRequest'],
    default: 'InvalidInput',
    about: 'The code of the 400 for cancelling an action that is final.',
  },
  cancelledThoughExecuted: {
    values: 'boolean',
    default: false,
    about: 'Whether the machine carries a cancelled action out all the same; its record stays Cancelled.',
  },
  completionOrder: {
    values: ['in-order', 'newest-first', 'independent'],
    default: 'in-order',
    about:
      'How a machine takes its queued actions: one after the other, the newest first, or all at once, each at its own pace.',
  },
  scopeInAnswer: {
    values: ['null-then-filled', 'filled', 'always-null'],
    default: 'null-then-filled',
    about: 'The scope of a new Isolate or scan: null until the machine picks it up, filled at once, or never told.',
  },
  listDelaySeconds: { values: 'number', default: 0, about: 'How long a new action is missing from the list.' },
  getDelaySeconds: {
    values: 'number',
    default: 0,
    about: 'How long GET machineactions/{id} answers 404 for a new action.',
  },
  throttleWindow: {
    values: ['sliding', 'fixed'],
    default: 'sliding',
    about: 'Whether the minute and the hour slide, or start at full minutes and hours.',
  },
  throttleCountsRejected: {
    values: 'boolean',
    default: false,
    about: 'Whether a call answered with 429 uses up the quota too.',
  },
  throttleCode: { values: ['429', 'TooManyRequests'], default: '429', about: 'The error code in the body of a 429.' },
  retryAfter: {
    values: ['exact', 'absent', 'short'],
    default: 'exact',
    about: 'Retry-After of a 429: the seconds until a call is free, no header, or one second whatever the wait.',
  },
  ambiguousName: {
    values: ['first', 'newest', '404'],
    default: 'first',
    about: 'GET machines/{name} with several matches: the one known longest, the last seen, or 404.',
  },
  actionId: {
    values: ['strict', 'lenient'],
    default: 'strict',
    about: 'What POST machines/{id}/… takes: the 40-hex id alone, or the device name and aadDeviceId too.',
  },
  filterCase: {
    values: ['sensitive', 'insensitive'],
    default: 'sensitive',
    about: 'Whether text comparisons in $filter tell upper from lower case.',
  },
  odataError: {
    values: ['captured', 'documented'],
    default: 'captured',
    about: 'The body of a query error: empty code and details, or code ODataError and target.',
  },
  topOverLimit: {
    values: ['reject', 'cap'],
    default: 'reject',
    about: '$top above 10,000: 400, or taken as 10,000.',
  },
  noMachines: {
    values: ['empty', '404'],
    default: 'empty',
    about: 'GET machines in a tenant without any: an empty list, or 404.',
  },
  requestorOfApps: {
    values: ['name', 'id'],
    default: 'name',
    about: "The requestor of an app's action: its display name, or its application id.",
  },
  pageSize: { values: 'number', default: 10_000, about: 'Most entries on one page of a list.' },
  tokenClock: {
    values: ['virtual', 'real'],
    default: 'virtual',
    about: 'The clock that a token expires by. Virtual: moving time on by an hour makes every token invalid.',
  },
} as const satisfies Record<string, Choice | Measure | Flag>;

export type SwitchName = keyof typeof switches;

type ValueOf<Row> = Row extends { values: 'number' }
  ? number
  : Row extends { values: 'boolean' }
    ? boolean
    : Row extends { values: readonly (infer Value)[] }
      ? Value
      : never;

/** How each switch stands. */
export type SwitchSettings = { -readonly [Name in SwitchName]: ValueOf<(typeof switches)[Name]> };

export function defaultSettings(): SwitchSettings {
  return Object.fromEntries(Object.entries(switches).map(([name, row]) => [name, row.default])) as SwitchSettings;
}

/** `changes` with every name and value checked. Throws a RangeError that names what would be right. */
export function checkedSettings(changes: Readonly<Record<string, unknown>>): Partial<SwitchSettings> {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(switches, name)) {
      throw new RangeError(`there is no switch "${name}"; there are ${Object.keys(switches).join(', ')}`);
    }
    const { values } = switches[name as SwitchName];
    if (values === 'number') {
      if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
        throw new RangeError(`switch "${name}" takes a number of at least 0`);
      }
      if (name === 'pageSize' && (value < 1 || !Number.isInteger(value))) {
        throw new RangeError('switch "pageSize" takes a whole number of at least 1');
      }
    } else if (values === 'boolean') {
      if (typeof value !== 'boolean') throw new RangeError(`switch "${name}" takes true or false`);
    } else if (!(values as readonly unknown[]).includes(value)) {
      throw new RangeError(`switch "${name}" takes ${values.join(', ')}`);
    }
  }
  return changes as Partial<SwitchSettings>;
}
