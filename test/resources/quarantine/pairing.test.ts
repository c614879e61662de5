import { expect } from 'chai';
import fc from 'fast-check';
import type { MachineId } from '../../../provider/defender/machine.ts';
import { type DeclaredHost, declaredHost } from '../../../provider/resources/quarantine/declared-host.ts';
import { type KnownHost, knownByLine, lineOfKnown } from '../../../provider/resources/quarantine/known-host.ts';
import { pair } from '../../../provider/resources/quarantine/pairing.ts';
import type { PropertyMap } from '../../../provider/resources/resource.ts';

const id = (number: number) => number.toString(16).padStart(40, '0') as MachineId;
const name = (number: number) => `pc-${number}.contoso.com`;
const declare = (host: PropertyMap): DeclaredHost => declaredHost({ comment: 'x', ...host });
const declared = (...hosts: readonly PropertyMap[]) => new Map(hosts.map(declare).map((host) => [host.key, host]));

/** A host as state holds it: declared so, bound to that machine, which bears that name. */
function known(host: PropertyMap, machine: number, deviceName: string): KnownHost {
  const line = lineOfKnown({ state: 'isolated', owned: true, machineId: id(machine), deviceName }, declare(host));
  const read = knownByLine(declare(host).key, line, {});
  if (read === undefined) throw new Error('its line cannot be read');
  return read;
}

const byId = (machine: number) => ({ machineId: id(machine) });
const byName = (machine: number) => ({ deviceName: name(machine) });
const both = (machine: number, named: number) => ({ ...byId(machine), ...byName(named) });

describe('declared hosts beside those of state', () => {
  const table: readonly (readonly [string, PropertyMap, KnownHost, 'stands' | 'leaves'])[] = [
    ['the same id', byId(1), known(byId(1), 1, name(1)), 'stands'],
    ['the same name', byName(1), known(byName(1), 1, name(1)), 'stands'],
    ['the same name, of a device that is called otherwise now', byName(1), known(byName(1), 1, name(9)), 'stands'],
    ['its id, where the name was declared', byId(1), known(byName(1), 1, name(1)), 'stands'],
    ['its name, where the id was declared', byName(1), known(byId(1), 1, name(1)), 'stands'],
    ['its id and name, where the name was declared', both(1, 1), known(byName(1), 1, name(1)), 'stands'],
    ['its name, where id and name were declared', byName(1), known(both(1, 1), 1, name(1)), 'stands'],
    ['its id beside another name', both(1, 2), known(byId(1), 1, name(1)), 'stands'],
    ['its name beside another id', both(2, 1), known(byName(1), 1, name(1)), 'leaves'],
    ['another id', byId(2), known(byId(1), 1, name(1)), 'leaves'],
    ['another name', byName(2), known(byName(1), 1, name(1)), 'leaves'],
    ['the new name of a device that was declared by its old one', byName(9), known(byName(1), 1, name(9)), 'leaves'],
  ];
  for (const [what, host, state, outcome] of table) {
    it(`semantics 6.1: ${what}: the host of state ${outcome}`, () => {
      const { standing, added, removed } = pair(declared(host), [state]);
      expect(standing.map((each) => each.known)).to.deep.equal(outcome === 'stands' ? [state] : []);
      expect(added).to.have.length(outcome === 'stands' ? 0 : 1);
      expect(removed).to.deep.equal(outcome === 'stands' ? [] : [state]);
    });
  }

  it('semantics 6.1: ids go before names, whichever stands first', () => {
    const state = [known(byId(1), 1, name(7)), known(byName(2), 2, name(2))];
    for (const hosts of [
      [byName(7), byId(1), byId(2)],
      [byId(2), byId(1), byName(7)],
    ]) {
      const { standing, added, removed } = pair(declared(...hosts), state);
      expect(standing.map((each) => each.known.machineId)).to.have.members([id(1), id(2)]);
      expect(added.map((each) => each.key)).to.deep.equal([name(7)]);
      expect(removed).to.deep.equal([]);
    }
  });

  it('every declared host and every host of state has one place, and none that is declared by its id leaves', () => {
    const machine = fc.integer({ min: 1, max: 6 });
    const host = fc.oneof(
      machine.map(byId),
      machine.map(byName),
      fc.tuple(machine, machine).map(([a, b]) => both(a, b)),
    );
    const hosts = fc.array(host, { maxLength: 8 });
    const state = fc.uniqueArray(fc.tuple(host, machine, machine), { maxLength: 6, selector: ([, each]) => each });
    fc.assert(
      fc.property(hosts, state, (given, before) => {
        const wanted = declared(...given);
        const all = [
          ...new Map(before.map(([as, at, called]) => [declare(as).key, known(as, at, name(called))])).values(),
        ];
        const { standing, added, removed } = pair(wanted, all);
        expect([...standing.map((each) => each.host), ...added]).to.have.members([...wanted.values()]);
        expect([...standing.map((each) => each.known), ...removed]).to.have.members(all);
        const ids = new Set([...wanted.values()].map((each) => each.inputs.machineId));
        expect(removed.filter(({ machineId }) => ids.has(machineId))).to.deep.equal([]);
        for (const each of standing)
          if (each.host.inputs.machineId !== undefined)
            expect(each.known.machineId).to.equal(each.host.inputs.machineId);
      }),
    );
  });
});
