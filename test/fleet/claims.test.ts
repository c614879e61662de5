import { expect } from 'chai';
import fc from 'fast-check';
import type { MachineId } from '../../provider/defender/machine.ts';
import { type Claim, Claims } from '../../provider/fleet/claims.ts';
import { createFakeTime } from '../defender/fake-time.ts';

const a = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07' as MachineId;
const b = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378' as MachineId;
const c = 'a12f4967d9728e5aa3c06a9e617a22a4a5a17378' as MachineId;

function setUp() {
  const time = createFakeTime();
  return { time, claims: new Claims(time.clock) };
}

describe('Claims', () => {
  it('semantics 6.4: a second claimant of a machine id is told of the first, and claims nothing', () => {
    const { claims } = setUp();
    expect(claims.claim('one', { machineId: a })).to.equal(undefined);
    expect(claims.claim('two', { machineId: a })).to.equal('one');
    expect(claims.has('two')).to.equal(false);
    expect(claims.claim('two', { machineId: b })).to.equal(undefined);
  });
  it('semantics 6.1, 6.4: so is a second claimant of a name, in whatever letters', () => {
    const { claims } = setUp();
    claims.claim('one', { deviceName: 'Laptop-7.contoso.com' });
    expect(claims.claim('two', { deviceName: 'laptop-7.CONTOSO.com' })).to.equal('one');
  });
  it('semantics 6.4: the same declaration may claim again, and something else', () => {
    const { claims } = setUp();
    claims.claim('one', { machineId: a });
    expect(claims.claim('one', { machineId: a })).to.equal(undefined);
    expect(claims.claim('one', { machineId: b })).to.equal(undefined);
    expect(claims.claim('two', { machineId: a }), 'what it let go').to.equal(undefined);
  });
  it('semantics 6.4: a name and an id collide once the name is resolved', () => {
    const { claims } = setUp();
    claims.claim('byId', { machineId: a });
    expect(claims.claim('byName', { deviceName: 'laptop-7' })).to.equal(undefined);
    expect(claims.bind('byName', a)).to.equal('byId');
    expect(claims.bind('byName', b)).to.equal(undefined);
    expect(claims.claim('third', { machineId: b })).to.equal('byName');
  });
  it('semantics 6.1: a bound name stays bound when the same declaration is checked again', () => {
    const { claims } = setUp();
    claims.claim('one', { deviceName: 'laptop-7' });
    claims.bind('one', a);
    claims.claim('one', { deviceName: 'LAPTOP-7' });
    expect(claims.of('one')?.machineId).to.equal(a);
    claims.claim('one', { deviceName: 'laptop-8' });
    expect(claims.of('one')?.machineId, 'another name').to.equal(undefined);
  });
  it('semantics 6.1: two ids that differ are two machines, though one bears the other’s name', () => {
    const { claims } = setUp();
    claims.claim('one', { deviceName: 'laptop-7' });
    claims.bind('one', a);
    expect(claims.claimedByOther('two', { machineId: b, deviceName: 'laptop-7' })).to.equal(undefined);
  });
  it('semantics 6.4: a deletion learns who else claims its machine, by id or by name', () => {
    const { claims } = setUp();
    claims.claim('heir', { deviceName: 'laptop-7' });
    expect(claims.claimedByOther('gone', { machineId: a, deviceName: 'LAPTOP-7' })).to.equal('heir');
    expect(claims.claimedByOther('gone', { machineId: a, deviceName: 'laptop-8' })).to.equal(undefined);
    claims.bind('heir', a);
    expect(claims.claimedByOther('gone', { machineId: a, deviceName: 'laptop-8' })).to.equal('heir');
    expect(claims.claimedByOther('heir', { machineId: a }), 'oneself').to.equal(undefined);
  });
  it('semantics 6.4: names whose machine is not known may mean any machine, and are told', () => {
    const { claims } = setUp();
    claims.claim('byId', { machineId: a });
    claims.claim('byName', { deviceName: 'Laptop-8' });
    expect(claims.unresolved('gone')).to.deep.equal([{ key: 'byName', deviceName: 'laptop-8' }]);
    expect(claims.unresolved('byName')).to.deep.equal([]);
    claims.bind('byName', b);
    expect(claims.unresolved('gone')).to.deep.equal([]);
  });
  it('semantics 6.4: counts the quiet since the last claim, refused ones too', async () => {
    const { claims, time } = setUp();
    expect(claims.quietFor()).to.equal(Number.POSITIVE_INFINITY);
    claims.claim('one', { machineId: a });
    await time.advance(3_000);
    claims.claim('two', { machineId: a });
    await time.advance(1_000);
    expect(claims.quietFor()).to.equal(1_000);
  });

  it('semantics 6.4: finds the same claimants as a look at every single claim', () => {
    const keys = fc.constantFrom('one', 'two', 'three', 'four', 'five');
    const ids = fc.constantFrom(a, b, c);
    const claim = fc.record(
      { machineId: ids, deviceName: fc.constantFrom('laptop-7', 'LAPTOP-7', 'laptop-8') },
      { requiredKeys: [] },
    );
    const step = fc.oneof(
      fc.record({ kind: fc.constant('claim' as const), key: keys, claim }),
      fc.record({ kind: fc.constant('bind' as const), key: keys, machineId: ids }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), claim, (steps, asked) => {
        const { claims } = setUp();
        const byKey = new Map<string, Claim>();
        for (const each of steps) {
          const wanted = each.kind === 'claim' ? each.claim : { machineId: each.machineId };
          const other = lookedFor(byKey, wanted, each.key);
          if (each.kind === 'claim') expect(claims.claim(each.key, each.claim)).to.equal(other);
          else expect(claims.bind(each.key, each.machineId)).to.equal(other);
          if (other === undefined) byKey.set(each.key, afterwards(byKey.get(each.key), each));
          for (const key of ['one', 'two', 'three', 'four', 'five', 'none']) {
            expect({ ...claims.of(key) }).to.deep.equal({ ...byKey.get(key) });
            expect(claims.has(key)).to.equal(byKey.has(key));
            expect(claims.claimedByOther(key, asked)).to.equal(lookedFor(byKey, asked, key));
            expect(claims.unresolved(key)).to.deep.equal(openNames(byKey, key));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
  it('semantics 6.4: looks at a handful of claims, however many there are', () => {
    const { claims } = setUp();
    let looks = 0;
    // An id that counts how often it is held against another.
    for (let index = 0; index < 2_000; index += 1) {
      const machineId = index.toString(16).padStart(40, '0') as MachineId;
      const claim = { machineId, deviceName: `laptop-${index}` };
      Object.defineProperty(claim, 'machineId', {
        get: () => {
          looks += 1;
          return machineId;
        },
      });
      expect(claims.claim(`key-${index}`, claim)).to.equal(undefined);
      expect(claims.claimedByOther('other', claim)).to.equal(`key-${index}`);
    }
    expect(looks).to.be.below(2_000 * 10);
  });
});

type Step =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'bind'; readonly machineId: MachineId };

/** The rule as it is told: the first other claim of the same id, or of the same name unless two ids differ. */
function lookedFor(byKey: ReadonlyMap<string, Claim>, machine: Claim, except: string): string | undefined {
  const name = machine.deviceName?.toLowerCase();
  for (const [key, claim] of byKey) {
    if (key === except) continue;
    if (machine.machineId !== undefined && claim.machineId !== undefined) {
      if (claim.machineId === machine.machineId) return key;
      continue;
    }
    if (name !== undefined && claim.deviceName === name) return key;
  }
  return undefined;
}

function afterwards(before: Claim | undefined, step: Step): Claim {
  if (step.kind === 'bind') return { ...before, machineId: step.machineId };
  const deviceName = step.claim.deviceName?.toLowerCase();
  const bound = before?.deviceName === deviceName ? before?.machineId : undefined;
  return { machineId: step.claim.machineId ?? bound, deviceName };
}

function openNames(byKey: ReadonlyMap<string, Claim>, except: string): readonly object[] {
  return [...byKey].flatMap(([key, { machineId, deviceName }]) =>
    key === except || machineId !== undefined || deviceName === undefined ? [] : [{ key, deviceName }],
  );
}
