import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { isPartialFailure, isUserError } from '../../provider/error-kind.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { nearlyManifest } from './manifests.ts';
import { idOf, nameOf, SmallTenant } from './small-tenant.ts';
import { type Opened, propertyOf, type Target } from './target.ts';
import { mutated } from './texts.ts';

/** Ids that YAML cannot take for numbers. */
export const contained = [10, 11, 12] as const;
export const free = [13, 14] as const;
const all = 14;

export const declaration = `version: 1
comment: INC-4711 ransomware
hosts:
  - machineId: ${idOf(10)}
    comment: "INC-4711 patient zero"
  - deviceName: ${nameOf(11)}
  - { machineId: ${idOf(12)}, deviceName: ${nameOf(12)} }
`;

const pieces = [
  ...[...contained, ...free].flatMap((number) => [
    `  - machineId: ${idOf(number)}\n`,
    `  - deviceName: ${nameOf(number)}\n`,
    `  - deviceName: ${nameOf(number).toUpperCase()}\n`,
    idOf(number),
    nameOf(number),
  ]),
  ...[
    'hosts:\n',
    'hosts: []\n',
    'hosts: *h\n',
    'hosts: &h\n',
    '#',
    '# ',
    '---\n',
    '...\n',
    '- ',
    '|\n',
    '>\n',
    '"',
    "'",
    '\n',
    '  ',
  ],
  ...[
    'onDelete: retain\n',
    'releaseAt: 2026-01-05T11:00:00Z\n',
    'releaseAt: 2026-01-05T13:00:00Z\n',
    'guardrails: { maxReleases: 0 }\n',
  ],
  ...['<<: ', '&a ', '*a', '? ', ': ', '[', ']', '{', '}', '\t', '\r', '\u2028', '\ufeff', 'null', '~'],
];

/** One host as people write it, or do not: commented out, told in another's comment, by another of its names. */
const entry = (number: number) => {
  const [id, name] = [idOf(number), nameOf(number)];
  return fc.constantFrom(
    '',
    `  - machineId: ${id}\n`,
    `  - machineId: "${id}"\n`,
    `  - machineId: ${id.toUpperCase()}\n    comment: INC-2\n`,
    `  - deviceName: ${name}\n`,
    `  - deviceName: '${name.toUpperCase()}'\n`,
    `  - { deviceName: ${name}, comment: "INC-3" }\n`,
    `  - deviceName: ${name}\n    machineId: ${id}\n`,
    `  - deviceName: ${name}   # was ${idOf(10)}\n`,
    `  # - machineId: ${id}\n`,
    `  - machineId: >-\n      ${id}\n`,
    `  - ? deviceName\n    : ${name}\n`,
    `  - machineId: ${id}\n    comment: |\n      - deviceName: ${nameOf(12)}\n`,
    `  - deviceName: ${nameOf(number + 1)}\n    machineId: ${id}\n`,
    `  - machineId: ${id}\n    onDelete: retain\n`,
  );
};
const composed = fc
  .record({
    top: fc.constantFrom(
      '',
      'takeOwnership: true\n',
      'onDelete: retain\n',
      'guardrails: { maxReleases: 1 }\n',
      '# hosts: []\n',
      '---\n',
    ),
    hosts: fc.tuple(...[...contained, ...free].map(entry)),
    order: fc.boolean(),
    last: fc.constantFrom('', 'comment: INC-4711\n', '# the end', '\n\n'),
  })
  .map(({ top, hosts, order, last }) => {
    const comment = last.startsWith('comment') ? '' : 'comment: INC-4711\n';
    return `${top}version: 1\n${comment}hosts:\n${(order ? hosts : hosts.toReversed()).join('')}${last}`;
  });

/** Texts that are nearly what contains the three hosts: a slip of the hand, a bad merge, and those that are meant. */
export const edited = fc.oneof(
  { weight: 12, arbitrary: composed },
  { weight: 4, arbitrary: mutated(composed, pieces) },
  { weight: 4, arbitrary: mutated(fc.constant(declaration), pieces) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.subarray(declaration.split(/(?<=\n)/)), fc.array(fc.constantFrom(...pieces), { maxLength: 2 }))
      .map(([lines, more]) => [...lines, ...more].join('')),
  },
  nearlyManifest,
);

/**
 * Who is declared, as a reader of YAML that knows nothing of manifests sees it: ids and names, in lower case. Undefined
 * where the text cannot be read, or has no list of hosts.
 */
export function declaredIn(text: string): ReadonlySet<string> | undefined {
  let whole: unknown;
  try {
    whole = parse(text, { version: '1.2', schema: 'core', uniqueKeys: true, merge: false, logLevel: 'silent' });
  } catch {
    return undefined;
  }
  const hosts = typeof whole === 'object' && whole !== null && 'hosts' in whole ? whole.hosts : undefined;
  if (!Array.isArray(hosts)) return undefined;
  const names = hosts.flatMap((host: unknown) => {
    if (typeof host !== 'object' || host === null) return [];
    const { machineId, deviceName } = host as { machineId?: unknown; deviceName?: unknown };
    return [machineId, deviceName].flatMap((each) => (typeof each === 'string' ? [each.trim().toLowerCase()] : []));
  });
  return new Set(names);
}

export const declares = (declared: ReadonlySet<string>, number: number): boolean =>
  declared.has(idOf(number)) || declared.has(nameOf(number));

interface Before {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly actions: readonly MachineAction[];
}

/** An `up` of whatever stands in the manifest, in a tenant with contained hosts. */
const manifests: Target = {
  name: 'up-manifests',
  short: 250,
  cost: 40,
  async open(): Promise<Opened> {
    const before = await containedByUs();
    const property = propertyOf(fc.tuple(edited, fc.boolean()), async ([manifest, apply]) => {
      const tenant = new SmallTenant(all, before.actions);
      try {
        const resource = tenant.resource('Quarantine');
        const looking = tenant.context('Quarantine', true);
        const checked = await tenant.run(async () => {
          const { inputs, failures } = await resource.check(looking, before.inputs, { manifest });
          if (failures.length > 0) return failures;
          const read = await resource.read(looking, before.id, before.outputs, before.inputs);
          const now = read.found?.outputs ?? before.outputs;
          await told(() => resource.diff(looking, before.id, now, before.inputs, inputs));
          await told(() => resource.update(looking, before.id, now, before.inputs, inputs));
          expect(tenant.writes, 'I4: writes of a preview').to.deep.equal([]);
          if (apply)
            await told(() => resource.update(tenant.context('Quarantine'), before.id, now, before.inputs, inputs));
          return [];
        });
        const declared = declaredIn(manifest);
        if (checked.length > 0 || declared === undefined || declared.size === 0)
          expect(tenant.writes, 'I1: requests by what nobody can read, or what declares nothing').to.deep.equal([]);
        else judgeWrites(tenant.writes, declared);
      } finally {
        tenant.end();
      }
    });
    return { property };
  },
};

export const upManifestTargets = [manifests];

/** Nobody is released who is still declared, and nobody isolated who is not. */
export function judgeWrites(
  writes: readonly { readonly type: string; readonly machineId: string }[],
  declared: ReadonlySet<string>,
): void {
  for (const { type, machineId } of writes) {
    const number = [...contained, ...free].find((each) => idOf(each) === machineId);
    if (number === undefined) throw new Error(`I2: ${type} of ${machineId}, which nobody knows`);
    if (type === 'Isolate')
      expect(declares(declared, number), `I2: isolated, but not declared: ${number}`).to.equal(true);
    else if (type === 'Unisolate') {
      expect(contained, 'I1: released').to.include(number);
      // A host that is declared is released only at the moment that its declaration gives.
      expect(declares(declared, number), `I1: released, but declared: ${number}`).to.equal(false);
    } else throw new Error(`nobody asked for ${type}`);
  }
}

async function containedByUs(): Promise<Before> {
  const tenant = new SmallTenant(all);
  try {
    return await tenant.run(async () => {
      const resource = tenant.resource('Quarantine');
      const context = tenant.context('Quarantine');
      const { inputs, failures } = await resource.check(context, undefined, { manifest: declaration });
      expect(failures).to.deep.equal([]);
      const { id, outputs } = await resource.create(context, inputs);
      expect(tenant.writes).to.have.length(contained.length);
      return {
        id,
        inputs,
        outputs: JSON.parse(JSON.stringify(outputs)) as PropertyMap,
        actions: [...tenant.scripted.script.actions],
      };
    });
  } finally {
    tenant.end();
  }
}

async function told(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUserError(error) && !isPartialFailure(error)) throw error;
    expect((error as Error).message).to.match(/\S/);
    expect((error as Error).message, 'a stack trace').not.to.match(/^\s+at /m);
  }
}
