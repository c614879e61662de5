import { expect } from 'chai';
import { Stack } from './engine.ts';
import { eachWorld, fails, inWorld, killed, pc, quarantine, succeeds, type World } from './host.ts';

const ada = 'ada@contoso.com';

/** An isolation by hand that is done at once. */
const byHand = (world: World, id: string, more: object = {}) =>
  world.control.isolate(id, { by: ada, latencySeconds: 0, ...more });

describe('whose isolation it is', function () {
  this.timeout(30_000);

  it('semantics 3.1: every request carries the mark first, then stack and resource, then the declared comment', () =>
    inWorld({ config: { commentPrefix: 'SOC:' } }, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id, { comment: 'INC-1 ransomware' })));
      succeeds(await world.up({}));
      for (const { requestorComment } of world.control.actions()) {
        expect(requestorComment).to.match(/^\[mde:[0-9a-f]{16}\] dev\/pc: SOC: INC-1 ransomware$/);
      }
    }));

  it('semantics 3.1: a long comment is cut, and the mark is kept', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id, { comment: 'x'.repeat(5000) })));
      const [sent] = world.ours('Isolate', id);
      expect(sent?.requestorComment).to.match(/^\[mde:[0-9a-f]{16}\] dev\/pc: x+…$/);
      expect(sent?.requestorComment.length).to.be.at.most(500);
    }));

  it('semantics 3.1: the mark derives from project, stack, resource, machine and ownerKey', () =>
    inWorld({}, async (world) => {
      const [one, other] = [world.host(), world.host()];
      const marks = new Set<string>();
      const markOf = async (id: string, name: string, stack: Stack, config = {}) => {
        const program = { [name]: { machineId: id, comment: 'INC-1' } };
        succeeds(await world.up(program, { stack, config }));
        succeeds(await world.up({}, { stack, config }));
        const [mark = ''] = world.ours('Isolate', id).at(-1)?.requestorComment.split(' ') ?? [];
        const seen = marks.has(mark);
        marks.add(mark);
        return seen;
      };
      expect(await markOf(one, 'pc', world.stack)).to.equal(false);
      expect(await markOf(one, 'pc', world.stack)).to.equal(true);
      expect(await markOf(one, 'pc2', world.stack)).to.equal(false);
      expect(await markOf(other, 'pc', world.stack)).to.equal(false);
      expect(await markOf(one, 'pc', new Stack('containment', 'prod'))).to.equal(false);
      expect(await markOf(one, 'pc', new Stack('another', 'dev'))).to.equal(false);
      expect(await markOf(one, 'pc', world.stack, { ownerKey: 'backend-2' })).to.equal(false);
    }));

  it('semantics 3.1, 3.4: a run that was killed finds its request without any state, and it is ours', () =>
    eachWorld([{ requestorOfApps: 'name' }, { requestorOfApps: 'id' }], async (world) => {
      for (const wait of ['1m', '10m']) {
        const id = world.host();
        const program = { [wait]: { machineId: id, comment: 'INC-1' } };
        await killed(world.up(program, { killAfter: 20_000 }));
        expect(world.stack.entry(wait)).to.equal(undefined);
        expect(world.ours('Isolate', id)).to.have.length(1);
        if (wait === '10m') world.pass('10m');
        succeeds(await world.up(program));
        expect(world.ours('Isolate', id)).to.have.length(1);
        expect(world.outputs(wait)).to.include({ state: 'isolated', owned: true });
        await world.settled(program);
        succeeds(await world.up({}));
        expect(world.isolated(id)).to.equal(false);
      }
    }));

  it('semantics 3.1, 6.4: also when the resource was renamed meanwhile', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      await killed(world.up(pc(id), { killAfter: 20_000 }));
      const renamed = { laptop: { machineId: id, comment: 'INC-1' } };
      succeeds(await world.up(renamed));
      expect(world.ours('Isolate', id)).to.have.length(1);
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 3.1: a renewal that was killed is found again', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('80h');
      await killed(world.up(pc(id), { killAfter: 10_000 }));
      succeeds(await world.up(pc(id)));
      await world.settled(pc(id));
      expect(world.ours('Isolate', id)).to.have.length(2);
    }));

  it('semantics 3.1: a release that was killed is found again, and not sent twice', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      await killed(world.up({}, { killAfter: 10_000 }));
      expect(world.stack.entry('pc')).not.to.equal(undefined);
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 3.2, 3.3: a standing isolation of another is adopted without a request, and left when it is removed', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      byHand(world, id);
      const run = succeeds(await world.up(pc(id)));
      expect(world.writes()).to.equal(0);
      expect(world.outputs()).to.include({ state: 'isolated', requestor: ada, owned: false });
      expect(run.text).not.to.contain('NOT CONTAINED');
      await world.settled(pc(id));
      const gone = succeeds(await world.up({}));
      expect(gone.warnings.join()).to.contain(ada);
      expect(gone.summary).to.contain('left isolated (1)');
      expect(world.writes()).to.equal(0);
      expect(world.isolated(id)).to.equal(true);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 3.2: adopting a running isolation of another transfers nothing', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.isolate(id, { by: ada, latencySeconds: 300 });
      succeeds(await world.up(pc(id)));
      expect(world.writes()).to.equal(0);
      expect(world.outputs()).to.include({ state: 'isolated', owned: false });
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 3.2: renewing it transfers nothing either, for weeks', () =>
    eachWorld(
      [
        { secondIsolateRestartsLease: true },
        { secondIsolateRestartsLease: false, liftRecord: 'none' },
        { secondIsolateRestartsLease: true, requestorOfApps: 'id' },
      ],
      async (world) => {
        const id = world.host();
        byHand(world, id);
        succeeds(await world.up(pc(id)));
        const days = world.control.switches().secondIsolateRestartsLease ? 16 : 6;
        for (let day = 0; day < days; day += 1) {
          world.pass('24h');
          succeeds(await world.up(pc(id)));
          expect(world.outputs(), `day ${day}`).to.include({ owned: false });
        }
        expect(world.ours('Isolate', id)).not.to.have.length(0);
        const run = succeeds(await world.up({}));
        expect(run.warnings.join()).to.contain(ada);
        expect(world.ours('Unisolate', id)).to.deep.equal([]);
        expect(world.isolated(id)).to.equal(true);
      },
      { signInOnce: true },
    ));

  it('semantics 3.2: an isolate of another in our period makes it not only ours', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      expect(world.outputs()).to.include({ owned: true });
      world.pass('1d');
      byHand(world, id);
      await world.settled(pc(id));
      expect(world.outputs()).to.include({ owned: false });
      const run = succeeds(await world.up({}));
      expect(run.warnings.join()).to.contain(ada);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 3.2: takeOwnership makes it ours, also after renewals', () =>
    inWorld({ switches: { secondIsolateRestartsLease: true } }, async (world) => {
      const id = world.host();
      byHand(world, id);
      const program = pc(id, { takeOwnership: true });
      succeeds(await world.up(program));
      expect(world.outputs()).to.include({ owned: true });
      expect(world.writes()).to.equal(0);
      await world.settled(program);
      world.pass('80h');
      succeeds(await world.up(program));
      world.pass('60h');
      await world.settled(program);
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 3.3: releaseForeign releases what another isolated', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      byHand(world, id);
      succeeds(await world.up(pc(id, { releaseForeign: true })));
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 3.4: a copied mark is foreign without the same requestor and the API as source', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const comment = world.ours('Isolate', id)[0]?.requestorComment ?? '';
      const copies = [
        { by: ada, requestSource: 'PublicApi' },
        { by: 'pulumi-mde', requestSource: 'Portal' },
        { by: ada, requestSource: 'Portal' },
      ];
      for (const [index, copy] of copies.entries()) {
        const victim = world.host();
        // The mark is another machine's too, so even a perfect copy would not do; here everything else differs.
        world.control.isolate(victim, { comment, latencySeconds: 0, ...copy });
        const program = { ...pc(id), [`copy${index}`]: { machineId: victim, comment: 'INC-2' } };
        succeeds(await world.up(program));
        expect(world.outputs(`copy${index}`)).to.include({ owned: false });
        succeeds(await world.up(pc(id)));
        expect(world.isolated(victim)).to.equal(true);
      }
    }));

  it('semantics 3.4: a perfect copy of the comment by somebody else on the same machine is foreign', () =>
    inWorld({}, async (world) => {
      for (const requestSource of ['Portal', 'PublicApi']) {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const comment = world.ours('Isolate', id)[0]?.requestorComment ?? '';
        succeeds(await world.up({}));
        world.control.isolate(id, { by: ada, comment, requestSource, latencySeconds: 0 });
        succeeds(await world.up(pc(id)));
        expect(world.outputs()).to.include({ owned: false });
        succeeds(await world.up({}));
        expect(world.isolated(id)).to.equal(true);
      }
    }));

  it('semantics 3.2: another stack with the same app is another owner', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const other = new Stack('containment', 'prod');
      succeeds(await world.up(pc(id)));
      succeeds(await world.up(pc(id), { stack: other }));
      expect(world.outputs('pc', other)).to.include({ owned: false });
      expect(world.writes()).to.equal(1);
      succeeds(await world.destroy({ stack: other }));
      expect(world.isolated(id)).to.equal(true);
      succeeds(await world.destroy());
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 3.2: an import takes the isolation over; a later run and a destroy treat it as ours', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      byHand(world, id, { comment: 'found by hand', isolationType: 'Selective' });
      const inputs = await world.import('pc', id);
      expect(inputs).to.include({ machineId: id, isolationType: 'Selective', comment: 'found by hand' });
      expect(world.outputs()).to.include({ owned: true, requestor: ada });
      await world.settled({ pc: inputs });
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('a lost state is got back by import, with the declared comment, and nothing is sent', () =>
    inWorld({ config: { commentPrefix: 'SOC:' } }, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id, { comment: 'INC-1: a thing: or two' })));
      world.pass('80h');
      succeeds(await world.up(pc(id, { comment: 'INC-1: a thing: or two' })));
      const before = world.outputs();
      world.stack.entries = [];
      const inputs = await world.import('pc', id.toUpperCase());
      expect(inputs).to.include({ comment: 'INC-1: a thing: or two' });
      expect(world.outputs()).to.include({ coveredUntil: before.coveredUntil, actionId: before.actionId, owned: true });
      await world.settled({ pc: inputs });
    }));

  it('a lost state without import: the next up adopts what is there, and it is ours by its mark', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.stack.entries = [];
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(1);
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('an import of what is not isolated, not known or cannot be observed is refused', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const refusal = (what: string) =>
        world.import('pc', what).then(
          () => 'imported',
          (error: Error) => error.message,
        );
      expect(await refusal(id)).to.contain('is not isolated');
      expect(await refusal('f'.repeat(40))).to.contain('does not exist');
      expect(await refusal('pc-9.contoso.com')).to.contain('no machine is named');
      byHand(world, id);
      world.control.addFault({ effect: { kind: 'list', countError: 1 }, route: 'GET machineactions' });
      expect(await refusal(id)).to.contain('could not be observed');
      world.control.clearFaults();
      await world.import('pc', 'PC-1.contoso.com');
      expect(world.outputs()).to.include({ machineId: id });
    }));

  it('semantics 5.1: releasing fails with the id of an isolation that another has queued, and cancels nothing of theirs', () =>
    inWorld({ switches: { isolateWhenIsolated: 'run-after-release' } }, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const queued = world.control.isolate(id, { by: ada });
      const run = await world.up({});
      fails(run, { pc: queued.id });
      expect(run.failures.pc).to.contain(ada);
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.requests('Isolate', id).at(-1)?.status).to.equal('Pending');
      expect(world.isolated(id)).to.equal(true);
      fails(await world.up({}), { pc: queued.id });
    }));

  it('semantics 3.2, 5.1: an isolation of another that still waited when ours had failed does not become ours by being followed', () =>
    inWorld({ switches: { giveUpStatus: 'Failed' } }, async (world) => {
      const id = world.host({ online: false });
      const config = { guardrails: { maxReleases: 9, maxReleasePercent: 100 } };
      const hosts = (...ids: readonly string[]) => ({
        q: quarantine({ hosts: ids.map((machineId) => ({ machineId, comment: 'INC-1' })) }),
      });
      fails(await world.up(hosts(id)), { q: 'NOT CONTAINED YET' });
      world.pass('80h');
      world.control.isolate(id, { by: ada });
      // The host is kept contained meanwhile, and the request of the analyst is what does it.
      fails(await world.up(hosts(), { config }), { q: /NOT RELEASED/ });
      world.control.setMachine(id, { online: true });
      world.pass('1h');
      const run = await world.up(hosts(world.host()), { config });
      succeeds(run);
      expect(run.text).to.contain(`not ours: ${ada} requested`);
      expect(world.isolated(id)).to.equal(true);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));
});
