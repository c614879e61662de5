import { expect } from 'chai';
import { inWorld, pc, succeeds } from './host.ts';

describe('the end of a run', function () {
  this.timeout(30_000);

  it('semantics 9: first what is not contained and not released, then failures, refusals, what was left, what was done, and the cover', () =>
    inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
      const stays = world.host();
      const waits = world.host({ online: false });
      const leaves = world.host();
      const sticks = world.host({ outcomes: { Unisolate: { status: 'Failed' } } });
      const kept = world.host();
      const declared = {
        stays: { machineId: stays, comment: 'INC-1' },
        leaves: { machineId: leaves, comment: 'INC-1' },
        sticks: { machineId: sticks, comment: 'INC-1' },
        kept: { machineId: kept, comment: 'INC-1', onDelete: 'retain' },
      };
      succeeds(await world.up(declared));
      const run = await world.up(
        { stays: declared.stays, waits: { machineId: waits, comment: 'INC-1' } },
        { continueOnError: true },
      );
      const at = (heading: string) => run.summary.indexOf(heading);
      const places = [
        at('NOT CONTAINED YET (1)'),
        at('NOT RELEASED YET (1)'),
        at('left isolated (1)'),
        at('released: 1'),
        at('unchanged: 1'),
        at('for certain until'),
      ];
      expect(places, run.summary).not.to.include(-1);
      expect(places).to.deep.equal([...places].sort((a, b) => a - b));
      expect(run.summary.split('\n').length).to.be.at.most(12);
    }));

  it('semantics 9: no word of success about a host whose state is not isolated', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      for (const program of [pc(id), pc(id, { waitFor: 'Submitted' })]) {
        const run = await world.up(program);
        expect(run.summary).not.to.match(/^isolated|^renewed|certain/m);
      }
      const failing = world.host({ outcomes: { Isolate: { status: 'Failed' } } });
      const run = await world.up({ ...pc(id), failing: { machineId: failing, comment: 'INC-2' } });
      expect(run.summary).not.to.match(/^isolated|^renewed|certain/m);
      expect(run.summary).to.match(/^NOT CONTAINED YET \(2\)/);
    }));

  it('semantics 9: a run in which nothing is wrong and nothing was done says until when it is certain, and no more', () =>
    inWorld({}, async (world) => {
      const { program } = world.hosts(3);
      succeeds(await world.up(program));
      world.pass('1d');
      const run = await world.settled(program);
      expect(run.summary).to.match(/^3 hosts are contained, for certain until 2026-01-12 12:0\d UTC/);
    }));

  it('a hundred hosts fit on one screen', () =>
    inWorld({ config: { guardrails: { maxIsolations: 200 } } }, async (world) => {
      const { program } = world.hosts(100);
      world.control.addFault({ effect: { kind: 'answer', status: 403 }, route: 'POST machines/{id}/isolate' });
      const refused = await world.up(program);
      expect(Object.keys(refused.failures)).to.have.length(100);
      expect(refused.summary.split('\n').length).to.be.at.most(15);
      world.control.clearFaults();
      const run = succeeds(await world.up(program));
      expect(run.summary.split('\n').length).to.be.at.most(6);
    }));

  it('secrets stand in no state, log, error or comment', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const { clientSecret } = world.simulator.credentials;
      const told: string[] = [];
      const tell = (...things: unknown[]) => told.push(JSON.stringify(things));
      tell(await world.preview(pc(id)), await world.up(pc(id)), world.stack.entries);
      tell(await world.up(pc(id), { config: { clientSecret: `${clientSecret}x` } }), await world.destroy());
      tell(world.control.actions());
      expect(told.join()).not.to.contain(clientSecret);
      expect(told.join()).not.to.match(/eyJ[\w-]+\./);
    }));
});
