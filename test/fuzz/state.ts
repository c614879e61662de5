import { expect } from 'chai';
import fc from 'fast-check';
import { knownMachines, lineOf } from '../../provider/resources/file-quarantine/known-machine.ts';
import { remember, stateOf } from '../../provider/resources/machine-isolation/state.ts';
import { declaredSet } from '../../provider/resources/quarantine/declared-set.ts';
import { knownFiles } from '../../provider/resources/quarantine/files.ts';
import { knownHosts, lineOfKnown, linesOf } from '../../provider/resources/quarantine/known-host.ts';
import { type PropertyMap, UserError } from '../../provider/resources/resource.ts';
import { target } from './target.ts';
import { anyText, anyValue, distorted, mutated, namesOfObjects } from './texts.ts';

const id = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
const actionId = '5382f7ea-7557-4ab7-9782-d50480024a4e';

const hostLines = [
  `isolated, until=2026-12-01T08:00:00Z, ours, deviceName=PC-1.contoso.com, machineId=${id}, isolationType=Full, actionId=${actionId}, leaseStartedAfter=2026-11-24T08:00:00Z, leaseStartedBy=2026-11-24T08:00:01Z | Full: INC-4711`,
  `isolating, machineId=${id}, actionId=${actionId}, requestor=Some%2C app, restriction=restricted, restrictionOurs, restrictionActionId=${actionId}, restrictedAt=2026-11-24T08:00:00Z | Selective, releaseAt=2026-12-01T08:00:00Z, renewBefore=48h, takeOwnership=true, restrictCodeExecution=true: INC-1 | x: y`,
];
const fileLines = [`quarantined, at=2026-12-01T08:00:00Z, actionId=${actionId}, deviceName=PC-1, declaredAs=pc-1`];
const pieces = [
  ', ',
  ' | ',
  ': ',
  '=',
  'ours',
  'until=',
  '%',
  '%ZZ',
  '%00',
  'machineId=',
  ...namesOfObjects.map((name) => `, ${name}=x`),
];

const line = (lines: readonly string[]) =>
  fc.oneof({ weight: 6, arbitrary: mutated(fc.constantFrom(...lines), pieces) }, anyValue);
const key = fc.oneof(fc.constantFrom('pc-1.contoso.com', 'pc-2.contoso.com', id, ...namesOfObjects), anyText);
/** As it comes out of a state file: an own property under whatever name. */
const linesBy = (lines: readonly string[]) =>
  fc
    .array(fc.tuple(key, line(lines)), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as Readonly<Record<string, unknown>>);

/** The outputs of a set, as somebody's editor or a half-written file left them. */
export const setOutputs = fc
  .record({
    hosts: fc.oneof({ weight: 6, arbitrary: linesBy(hostLines) }, anyValue),
    files: fc.oneof(
      fc.constant(undefined),
      fc.dictionary(
        fc.constantFrom('87662bc3d60e4200ceaf7aae249d1c343f4b83c9', 'x', 'constructor'),
        fc.oneof(linesBy(fileLines), anyValue),
      ),
      anyValue,
    ),
    tenantId: anyValue,
    cloud: anyValue,
    stateVersion: anyValue,
  })
  .map((outputs) => outputs as unknown as PropertyMap);

export const stateTargets = [
  target('state-of-sets', 3_000, setOutputs, (outputs) => {
    const known = unlessRefused(() => ({ ...knownHosts(outputs), files: knownFiles(outputs) }));
    if (known === undefined) return;
    const { hosts, unreadable, facts } = known;
    // No host that a state tells of is overlooked: each is read or named as unreadable.
    expect([...hosts.map((host) => host.key), ...unreadable].sort()).to.deep.equal(
      Object.keys(linesOf(outputs.hosts)).sort(),
    );
    for (const host of hosts) {
      expect(host.machineId).to.match(/^[0-9a-f]{40}$/);
      expect(['Full', 'Selective', 'UnManagedDevice']).to.include(host.declared.inputs.isolationType);
      expect(['release', 'retain']).to.include(host.declared.inputs.onDelete);
      expect(host.state.owned).to.be.a('boolean');
      remember(host.state);
      // Written again it is the same host, word by word.
      const again = knownHosts({ hosts: { [host.key]: lineOfKnown(host.state, host.declared, host.restriction) } });
      expect(again.unreadable).to.deep.equal([]);
      expect(again.hosts[0]?.machineId).to.equal(host.machineId);
      expect(again.hosts[0]?.state.owned).to.equal(host.state.owned);
    }
    expect(facts).to.be.an('object');
  }),
  target('state-of-files', 2_000, fc.oneof(linesBy(fileLines), anyValue), (lines) => {
    const known = unlessRefused(() => knownMachines(lines));
    if (known === undefined) return;
    const { machines, unreadable } = known;
    expect(machines.size + unreadable.size).to.be.at.most(Object.keys(linesOf(lines)).length);
    for (const machine of machines.values()) {
      const again = knownMachines({ [machine.machineId]: lineOf(machine) });
      expect([...again.machines.values()]).to.deep.equal([machine]);
    }
  }),
  target(
    'state-of-hosts',
    2_000,
    distorted({
      machineId: id,
      actionId,
      owned: true,
      takenAt: '2026-12-01T08:00:00Z',
      isolatedAt: '2026-12-01T08:00:00Z',
      leaseStartedAfter: '2026-12-01T08:00:00Z',
      leaseStartedBy: '2026-12-01T08:00:00Z',
      requestor: 'app',
    }),
    (outputs) => {
      const remembered = remember(stateOf(outputs as PropertyMap));
      expect(remembered.owned).to.be.a('boolean');
      for (const at of [
        remembered.takenAt,
        remembered.leaseStartedAfter,
        remembered.leaseStartedBy,
        remembered.inForce?.since,
      ])
        expect(at === undefined || Number.isSafeInteger(at)).to.equal(true);
      // Ours is only what state says so of in its own words (semantics 3.2).
      expect(remembered.owned).to.equal(outputs.owned === true);
      expect(remembered.actionId === undefined || typeof remembered.actionId === 'string').to.equal(true);
    },
  ),
  target(
    'inputs-of-sets',
    2_000,
    fc.record({ hosts: fc.oneof(linesBy(['Full: INC-1', 'Selective, releaseAt=2026-12-01T08:00:00Z: x']), anyValue) }),
    async (inputs) => {
      try {
        const declared = await declaredSet(inputs as PropertyMap);
        for (const host of declared?.values() ?? [])
          expect(host.inputs.deviceName ?? host.inputs.machineId).to.be.a('string');
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    },
  ),
];

/** Undefined where the state is refused as a whole, in words for people. */
function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).to.match(/nothing was sent/);
    return undefined;
  }
}
