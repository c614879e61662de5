import { expect } from 'chai';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { Stack } from './engine.ts';
import { eachWorld, fails, inWorld, pc, succeeds, type World } from './host.ts';

const named = (deviceName: string, more = {}) => ({ pc: { deviceName, comment: 'INC-1', ...more } });
const plenty = { guardrails: { maxReleases: 10, maxReleasePercent: 100 } };

/** Calls of the API itself, sign-in left out. */
function apiCalls(world: World): number {
  const routes = Object.entries(world.control.statistics().byRoute);
  return routes.reduce((sum, [route, count]) => (/^(GET|POST) /.test(route) ? sum + count : sum), 0);
}

describe('who is meant', function () {
  this.timeout(30_000);

  it('semantics 6.1: a device name binds to its machine id, which state keeps, whatever the case', () =>
    eachWorld([{ filterCase: 'sensitive' }, { filterCase: 'insensitive' }], async (world) => {
      const id = world.host({ computerDnsName: 'laptop-7.contoso.com' });
      succeeds(await world.up(named('Laptop-7.Contoso.com')));
      expect(world.outputs()).to.include({ machineId: id, deviceName: 'laptop-7.contoso.com' });
      await world.settled(named('Laptop-7.Contoso.com'));
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('semantics 6.1: the whole name counts: neither a part nor a pattern finds a host', () =>
    eachWorld([{ ambiguousName: 'first' }, { ambiguousName: 'newest' }, { ambiguousName: '404' }], async (world) => {
      world.host({ computerDnsName: 'laptop-7.contoso.com' });
      world.host({ computerDnsName: 'laptop-77.contoso.com' });
      fails(await world.up(named('laptop-7')), { pc: 'no machine is named laptop-7' });
      fails(await world.up(named('laptop-*')), { 'pc.deviceName': 'is no device name' });
      fails(await world.up(named("laptop-7.contoso.com' or 'a' eq 'a")), { 'pc.deviceName': 'is no device name' });
      fails(await world.up(named('')), { 'pc.deviceName': 'is no device name' });
      expect(world.writes()).to.equal(0);
    }));

  it('semantics 6.1: two machines of one name are an error that lists both', () =>
    eachWorld([{ ambiguousName: 'first' }, { ambiguousName: 'newest' }, { ambiguousName: '404' }], async (world) => {
      const twins = [0, 1].map(() => world.host({ computerDnsName: 'twin.contoso.com' }));
      const run = fails(await world.up(named('twin.contoso.com')), { pc: 'is ambiguous' });
      for (const id of twins) expect(run.failures.pc).to.match(new RegExp(`${id} \\(last seen .*, Active\\)`));
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 6.1: an inactive twin that was merged is passed over, one that is only inactive is not', async () => {
    for (const merged of [true, false]) {
      await inWorld({}, async (world) => {
        world.host({ computerDnsName: 'laptop.contoso.com' });
        const fresh = world.control.reinstall('laptop.contoso.com', { merged });
        world.pass('8d');
        const run = await world.up(named('laptop.contoso.com'));
        if (merged) {
          succeeds(run);
          expect(world.isolated(fresh.id)).to.equal(true);
        } else {
          fails(run, { pc: 'is ambiguous' });
        }
      });
    }
  });

  it('semantics 6.2: a name that now means another machine: the old one is not released, the new one not isolated', () =>
    inWorld({}, async (world) => {
      const old = world.host({ computerDnsName: 'laptop.contoso.com' });
      const other = world.host();
      const program = { ...named('laptop.contoso.com'), other: { machineId: other, comment: 'INC-2' } };
      succeeds(await world.up(program));
      world.pass('1d');
      const fresh = world.control.reinstall(old);
      world.pass('8d');
      const preview = await world.preview(program);
      expect(preview.text).to.contain(fresh.id);
      const run = await world.up(program);
      fails(run, { pc: fresh.id });
      expect(run.failures.pc).to.contain(old);
      expect(world.isolated(fresh.id)).to.equal(false);
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect(world.isolated(other)).to.equal(true);
    }));

  it('semantics 6.2: a renamed device is the same machine: a warning', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'laptop.contoso.com' });
      succeeds(await world.up(named('laptop.contoso.com')));
      world.control.rename(id, 'desktop.contoso.com');
      const run = await world.settled(named('laptop.contoso.com'));
      expect(run.warnings.join()).to.contain('the device is now named desktop.contoso.com');
      // The new name means the same machine, so nothing is replaced.
      const next = succeeds(await world.up(named('desktop.contoso.com')));
      expect(next.steps).to.deep.equal({ pc: 'update' });
      expect(world.writes()).to.equal(1);
    }));

  it('semantics 6.2: a name that is taken over by another host, while the bound one was renamed', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'laptop.contoso.com' });
      succeeds(await world.up(named('laptop.contoso.com')));
      world.control.rename(id, 'old-laptop.contoso.com');
      const usurper = world.host({ computerDnsName: 'laptop.contoso.com' });
      fails(await world.up(named('laptop.contoso.com')), { pc: usurper });
      expect(world.isolated(usurper)).to.equal(false);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 6.1, 6.4: from name to id of the same machine is no replacement', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'laptop.contoso.com' });
      succeeds(await world.up(named('laptop.contoso.com')));
      const run = succeeds(await world.up(pc(id)));
      expect(run.steps).to.deep.equal({ pc: 'update' });
      expect(world.writes()).to.equal(1);
      await world.settled(pc(id));
    }));

  it('semantics 6.3: a token for another tenant fails every read, update and delete before any call', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const before = world.outputs();
      world.control.addTenant('11111111-2222-4333-8444-555555555555', 'fabrikam.onmicrosoft.com');
      const { tenantId, clientId, clientSecret } = world.control.addApp({
        tenantId: '11111111-2222-4333-8444-555555555555',
      });
      const config = { tenantId, clientId, clientSecret };
      world.control.resetStatistics();
      const read = await world.refresh({ config });
      expect(read.unhealthy.pc).to.contain('the token is for tenant 11111111');
      expect(world.outputs()).to.deep.equal(before);
      fails(await world.up(pc(id), { config }), { pc: 'the token is for tenant' });
      fails(await world.up(pc(id, { comment: 'INC-2' }), { config }), { pc: 'the token is for tenant' });
      fails(await world.up({}, { config }), { pc: 'the token is for tenant' });
      expect(apiCalls(world)).to.equal(0);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 6.3: a state from a newer version, or of another cloud, is not touched', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const [entry] = world.stack.entries;
      if (entry === undefined) throw new Error('there is no entry');
      const good = entry.outputs;
      world.control.resetStatistics();
      for (const change of [{ stateVersion: 99 }, { cloud: 'GCCHigh' }]) {
        entry.outputs = { ...good, ...change };
        await world.refresh();
        fails(await world.up(pc(id, { comment: 'INC-2' })), { pc: /newer pulumi-mde|cloud GCCHigh/ });
        fails(await world.up({}), { pc: /newer pulumi-mde|cloud GCCHigh/ });
      }
      expect(apiCalls(world)).to.equal(0);
    }));

  it('semantics 6.4: one machine declared twice is an error, by id or by name, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'laptop.contoso.com' });
      const one = { machineId: id, comment: 'INC-1' };
      const byName = { deviceName: 'laptop.contoso.com', comment: 'INC-1' };
      fails(await world.preview({ a: one, b: { ...one, machineId: id.toUpperCase() } }), {
        'b.machineId': 'is already declared by a',
      });
      fails(await world.preview({ a: byName, b: { ...byName, deviceName: 'LAPTOP.contoso.com' } }), {
        'b.deviceName': 'is already declared by a',
      });
      // A name is known for an id only when it is resolved, so either of the two may be the second.
      for (const program of [
        { a: one, b: byName },
        { a: byName, b: one },
      ]) {
        for (const run of [await world.preview(program), await world.up(program)]) {
          expect(Object.keys(run.failures)).to.have.length(1);
          expect(run.text).to.match(/is already declared by [ab]/);
        }
      }
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('semantics 6.4: a renamed resource releases nobody, and goes on with lease and ownership', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const { coveredUntil, actionId } = world.outputs();
      const renamed = { laptop: { machineId: id, comment: 'INC-1' } };
      succeeds(await world.up(renamed));
      expect(world.writes()).to.equal(1);
      expect(world.outputs('laptop')).to.include({ coveredUntil, actionId, owned: true });
      world.pass('80h');
      succeeds(await world.up(renamed));
      expect(world.ours('Isolate')).to.have.length(2);
      expect(world.ours('Unisolate')).to.deep.equal([]);
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 6.4: renamed, and from id to name at once', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'laptop.contoso.com' });
      succeeds(await world.up(pc(id)));
      succeeds(await world.up({ laptop: { deviceName: 'laptop.contoso.com', comment: 'INC-1' } }));
      expect(world.writes()).to.equal(1);
      succeeds(await world.up(pc(id)));
      expect(world.writes()).to.equal(1);
      succeeds(await world.destroy());
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 6.4: what was taken over or imported stays so under a new name', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.isolate(id, { by: 'ada@contoso.com', latencySeconds: 0 });
      await world.import('pc', id);
      succeeds(await world.up({ laptop: { machineId: id, comment: 'INC-1' } }));
      expect(world.outputs('laptop')).to.include({ owned: true });
      succeeds(await world.destroy());
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 6.4: what another isolated stays theirs under a new name', () =>
    inWorld({ switches: { secondIsolateRestartsLease: true } }, async (world) => {
      const id = world.host();
      world.control.isolate(id, { by: 'ada@contoso.com', latencySeconds: 0 });
      succeeds(await world.up(pc(id)));
      for (let day = 0; day < 14; day += 1) {
        world.pass('1d');
        succeeds(await world.up({ [`name${day}`]: { machineId: id, comment: 'INC-1' } }));
      }
      succeeds(await world.destroy());
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 6.4: two hosts that change places between two resources release nobody', () =>
    inWorld({}, async (world) => {
      const [a, b] = [world.host(), world.host()];
      const of = (one: string, two: string) => ({
        one: { machineId: one, comment: 'INC-1' },
        two: { machineId: two, comment: 'INC-1' },
      });
      succeeds(await world.up(of(a, b)));
      const run = succeeds(await world.up(of(b, a)));
      expect(run.steps).to.deep.equal({ one: 'replace', two: 'replace' });
      expect(world.writes()).to.equal(2);
      await world.settled(of(b, a));
      succeeds(await world.up({}, { config: plenty }));
      expect([a, b].map((id) => world.isolated(id))).to.deep.equal([false, false]);
    }));

  it('semantics 6.4: a host that moves to a new resource while its old one takes another', () =>
    inWorld({}, async (world) => {
      const [a, b] = [world.host(), world.host()];
      succeeds(await world.up(pc(a)));
      succeeds(await world.up({ ...pc(b), fresh: { machineId: a, comment: 'INC-1' } }));
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect([a, b].map((id) => world.isolated(id))).to.deep.equal([true, true]);
      expect(world.ours('Isolate')).to.have.length(2);
    }));

  it('semantics 6.4: a replacement isolates the new host first, then releases the old one', () =>
    inWorld({}, async (world) => {
      const [a, b] = [world.host(), world.host()];
      succeeds(await world.up(pc(a)));
      const preview = succeeds(await world.preview(pc(b)));
      expect(preview.steps).to.deep.equal({ pc: 'replace' });
      succeeds(await world.up(pc(b)));
      const [release] = world.ours('Unisolate', a);
      const [isolation] = world.ours('Isolate', b);
      expect(isolation?.status).to.equal('Succeeded');
      expect(Date.parse(isolation?.lastUpdateDateTimeUtc ?? '')).to.be.below(
        Date.parse(release?.creationDateTimeUtc ?? ''),
      );
      expect([a, b].map((id) => world.isolated(id))).to.deep.equal([false, true]);
    }));

  it('semantics 6.4: a replacement whose new host cannot be isolated releases nobody', () =>
    inWorld({}, async (world) => {
      const [a, b] = [world.host(), world.host({ online: false })];
      succeeds(await world.up(pc(a)));
      fails(await world.up(pc(b)), { pc: 'NOT CONTAINED YET' });
      expect(world.isolated(a)).to.equal(true);
      fails(await world.up(pc('e'.repeat(40))), { pc: '404' });
      expect(world.isolated(a)).to.equal(true);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));

  it('semantics 6.4: a resource that is removed while another claims its machine by a name that cannot be resolved', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'laptop.contoso.com' });
      succeeds(await world.up(pc(id)));
      world.host({ computerDnsName: 'laptop.contoso.com' });
      const program = { laptop: { deviceName: 'laptop.contoso.com', comment: 'INC-1' } };
      const run = await world.up(program, { continueOnError: true });
      expect(run.failures.laptop).to.contain('is ambiguous');
      expect(world.isolated(id)).to.equal(true);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));

  it('semantics 6.4: a change of type waits until no other resource can claim any more', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const started = world.now();
      succeeds(await world.up(pc(id, { isolationType: 'Selective', allowTypeChange: true }), { mayRelease: [id] }));
      const [release] = world.ours('Unisolate', id);
      expect(Date.parse(release?.creationDateTimeUtc ?? '') - started).to.be.at.least(5000);
    }));

  it('not covered, and known: another stack does not see our claims; onDelete retain first is the way', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const other = new Stack('containment', 'prod');
      succeeds(await world.up(pc(id)));
      succeeds(await world.up(pc(id), { stack: other }));
      succeeds(await world.up(pc(id, { onDelete: 'retain' })));
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(true);
      await world.settled(pc(id), { stack: other });
    }));

  it('bad input names the property, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const rows: [PropertyMap, string, string][] = [
        [{ machineId: '123' }, 'machineId', '40 hex digits'],
        [{ machineId: `${id}0` }, 'machineId', '40 hex digits'],
        [{ comment: '   ' }, 'comment', 'is blank'],
        [{ isolationType: 'full' }, 'isolationType', 'did you mean Full?'],
        [{ isolationType: 'Unmanaged' }, 'isolationType', 'is none of Full, Selective'],
        [{ waitFor: 'Done' }, 'waitFor', 'is none of'],
        [{ renewBefore: '4d' }, 'renewBefore', 'there is no unit for days'],
        [{ renewBefore: '169h' }, 'renewBefore', 'longer than the seven days'],
        [{ releaseAt: 'tomorrow' }, 'releaseAt', 'RFC 3339'],
        [{ releaseAt: '2026-02-30T08:00:00Z' }, 'releaseAt', 'RFC 3339'],
        [{ takeOwnership: 'yes' }, 'takeOwnership', 'true or false'],
        [{ machine_id: id }, 'machine_id', 'did you mean machineId?'],
        [{ deviceName: 'pc-1.contoso.com' }, 'deviceName', 'not both'],
      ];
      for (const [change, property, reason] of rows) {
        for (const run of [await world.preview(pc(id, change)), await world.up(pc(id, change))]) {
          fails(run, { [`pc.${property}`]: reason });
        }
      }
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  for (const by of ['machineId', 'deviceName'] as const) {
    it(`semantics 6.1, 2.5: a name that is declared anew and that nobody bears is an error; the old host stays contained and is not isolated anew (${by} before)`, () =>
      inWorld({}, async (world) => {
        const id = world.host({ computerDnsName: 'pc-1.contoso.com' });
        const before = by === 'machineId' ? { machineId: id } : { deviceName: 'pc-1.contoso.com' };
        succeeds(await world.up({ pc: { ...before, comment: 'x' } }));
        const slip = { pc: { deviceName: 'pc-2x.contoso.com', comment: 'x' } };
        fails(await world.preview(slip), { pc: 'no machine is named pc-2x.contoso.com' });
        for (let day = 0; day < 10; day += 1) {
          fails(await world.up(slip), { pc: 'no machine is named pc-2x.contoso.com' });
          expect(world.isolated(id), `day ${day}`).to.equal(true);
          world.pass('1d');
        }
        world.control.unisolate(id);
        world.pass('5m');
        world.outOfDate(id);
        const isolates = world.ours('Isolate').length;
        fails(await world.up(slip), { pc: 'no machine is named pc-2x.contoso.com' });
        expect(world.ours('Isolate')).to.have.length(isolates);
        succeeds(await world.up({ pc: { deviceName: 'pc-1.contoso.com', comment: 'x' } }));
        expect(world.isolated(id)).to.equal(true);
      }));
  }
});
