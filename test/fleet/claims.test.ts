import { expect } from 'chai';
import type { MachineId } from '../../provider/defender/machine.ts';
import { Claims } from '../../provider/fleet/claims.ts';
import { createFakeTime } from '../defender/fake-time.ts';

const a = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07' as MachineId;
const b = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378' as MachineId;

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
});
