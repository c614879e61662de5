import { expect } from 'chai';
import { eachWorld, fails, inWorld, pc, succeeds } from './host.ts';

const bentLists = [{ kind: 'list', countError: 1 }, { kind: 'answer', status: 500 }, { kind: 'garbage' }] as const;

describe('what is observed of a host', function () {
  this.timeout(30_000);

  it('semantics 1.2, 1.4: a list that is not whole makes a known host unknown: its state is kept, and nothing is sent', async () => {
    for (const effect of bentLists) {
      await inWorld({}, async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const before = world.outputs();
        const writes = world.writes();
        world.control.addFault({ effect, route: 'GET machineactions' });
        const read = await world.refresh();
        expect(read.unhealthy.pc, effect.kind).to.contain('last known state (isolated) is kept');
        expect(world.outputs()).to.deep.equal(before);
        fails(await world.up(pc(id)), { pc: 'could not be observed' });
        fails(await world.up({}), { pc: 'NOT RELEASED' });
        expect(world.writes()).to.equal(writes);
        expect(world.isolated(id)).to.equal(true);
        world.control.clearFaults();
        succeeds(await world.up(pc(id)));
        await world.settled(pc(id));
      });
    }
  });

  it('semantics 1.2, 1.4: a new host that cannot be observed is not isolated, and the others are', () =>
    inWorld({}, async (world) => {
      const [unlucky, lucky] = [world.host(), world.host()];
      world.control.addFault({ effect: { kind: 'list', countError: 3 }, route: 'GET machineactions' });
      fails(await world.up(pc(unlucky)), { pc: 'could not be observed' });
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
      world.control.clearFaults();
      world.control.removeMachine(unlucky);
      const both = { ...pc(unlucky), other: { machineId: lucky, comment: 'INC-2' } };
      fails(await world.up(both), { pc: 'Defender knows no machine with this id (404)' });
      expect(world.isolated(lucky)).to.equal(true);
    }));

  it('semantics 1.2: a long history is read page by page, whatever the page size', () =>
    inWorld({ switches: { pageSize: 3 } }, async (world) => {
      const others = Array.from({ length: 10 }, () => world.host());
      for (const id of others) world.control.isolate(id, { latencySeconds: 0 });
      const { ids, program } = world.hosts(3);
      succeeds(await world.up(program));
      for (const id of ids) expect(world.ours('Isolate', id)).to.have.length(1);
      await world.settled(program);
    }));

  it('semantics 1.3: a host that state knows and the window does not is asked singly, without a time filter', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('30d');
      const seen = world.control.requests().length;
      succeeds(await world.refresh());
      const asked = world.control
        .requests()
        .slice(seen)
        .map(({ url }) => decodeURIComponent(url).replaceAll('+', ' '));
      expect(
        asked.some(
          (url) => url.includes(id) && url.includes('machineactions') && !url.includes('creationDateTimeUtc ge'),
        ),
      ).to.equal(true);
      expect(world.outputs()).to.include({ state: 'lapsed' });
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 1.4, 5.3: a machine that Defender no longer knows stays in state as missing, causes no write, and may go', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const writes = world.writes();
      world.control.removeMachine(id);
      succeeds(await world.refresh());
      expect(world.outputs()).to.include({ state: 'missing', machineId: id });
      expect(world.outputs().note).to.contain('404');
      fails(await world.up(pc(id)), { pc: '404' });
      succeeds(await world.up({}));
      expect(world.stack.entries).to.deep.equal([]);
      expect(world.writes()).to.equal(writes);
    }));

  it('semantics 1.5: an isolation that an analyst cancelled may have been carried out: declared, it is sent once more', () =>
    eachWorld([{ cancelledThoughExecuted: false }, { cancelledThoughExecuted: true }], async (world) => {
      const id = world.host();
      world.after('5s', () => {
        const [first] = world.ours('Isolate', id);
        world.control.cancel(first?.id ?? '', { by: 'ada@contoso.com' });
      });
      const run = await world.up(pc(id));
      fails(run, { pc: /NOT CONTAINED: .* ended Cancelled by ada@contoso.com/ });
      expect(run.summary).to.match(/^NOT CONTAINED YET \(1\)/);
      expect(world.outputs()).to.include({ state: 'doubtful' });
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(2);
      expect(world.isolated(id)).to.equal(true);
      await world.settled(pc(id));
    }));

  it('semantics 1.5: removed, doubtful and ours: one release is sent', () =>
    eachWorld([{ cancelledThoughExecuted: false }, { cancelledThoughExecuted: true }], async (world) => {
      const id = world.host();
      world.after('5s', () => world.control.cancel(world.ours('Isolate', id)[0]?.id ?? ''));
      await world.up(pc(id));
      world.pass('1h');
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 1.5: an isolation that waited in vain for a silent host is sent again when the host is back', () =>
    eachWorld([{ giveUpStatus: 'TimeOut' }, { giveUpStatus: 'Failed' }], async (world) => {
      const id = world.host({ online: false });
      fails(await world.up(pc(id)), { pc: 'NOT CONTAINED YET' });
      world.pass('4d');
      await world.refresh();
      expect(world.outputs()).to.include({ state: 'doubtful' });
      world.control.setMachine(id, { online: true });
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(2);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 1.5: a release that failed leaves doubt, so a host declared again is isolated again', () =>
    inWorld({}, async (world) => {
      for (const executed of [false, true]) {
        const id = world.host({ outcomes: { Unisolate: { status: 'Failed', executed, times: 1 } } });
        const program = { [`pc-${executed}`]: { machineId: id, comment: 'INC-1' } };
        succeeds(await world.up(program));
        await world.up({});
        succeeds(await world.up(program));
        expect(world.ours('Isolate', id)).to.have.length(2);
        expect(world.isolated(id)).to.equal(true);
        await world.settled(program);
        succeeds(await world.up({}));
      }
    }));

  it('semantics 1.6: a scope that is not told is no difference', () =>
    eachWorld(
      [{ scopeInAnswer: 'always-null' }, { scopeInAnswer: 'null-then-filled' }, { scopeInAnswer: 'filled' }],
      async (world) => {
        const id = world.host();
        const program = pc(id, { isolationType: 'Selective' });
        succeeds(await world.up(program));
        expect(world.outputs()).to.include({ isolationType: 'Selective' });
        await world.settled(program);
        expect(world.ours('Isolate', id)).to.have.length(1);
      },
    ));

  it('semantics 1.7: ages are taken on the service’s clock, however wrong ours is', async () => {
    for (const ourClockIsOffBy of [-40, -3, 3, 40].map((hours) => hours * 3_600_000)) {
      await inWorld({ ourClockIsOffBy }, async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        await world.settled(pc(id));
        world.pass('71h');
        await world.settled(pc(id));
        world.pass('1h');
        succeeds(await world.up(pc(id)));
        expect(world.ours('Isolate', id)).to.have.length(2);
        world.pass('60h');
        await world.settled(pc(id));
      });
    }
  });

  it('semantics 1.8: resources that are read at once share one lookup', () =>
    inWorld({ config: { guardrails: { maxIsolations: 200 } } }, async (world) => {
      const { program } = world.hosts(60);
      succeeds(await world.up(program));
      world.control.resetStatistics();
      succeeds(await world.refresh());
      const { byRoute } = world.control.statistics();
      expect((byRoute['GET machineactions'] ?? 0) + (byRoute['GET machines'] ?? 0)).to.be.at.most(4);
      expect(byRoute['GET machines/{id}'] ?? 0).to.equal(0);
    }));

  it('semantics 1.8: a write decides on what was seen after its operation began', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const by = 'ada@contoso.com';
      succeeds(
        await world.up(pc(id), {
          beforeActing: () => world.control.isolate(id, { by, latencySeconds: 0 }),
        }),
      );
      expect(world.ours('Isolate', id)).to.deep.equal([]);
      expect(world.outputs()).to.include({ state: 'isolated', requestor: by, owned: false });

      world.control.unisolate(id, { by, latencySeconds: 0 });
      succeeds(
        await world.up(pc(id), {
          beforeActing: () => world.control.isolate(id, { by, latencySeconds: 0 }),
        }),
      );
      expect(world.ours('Isolate', id)).to.deep.equal([]);
    }));

  it('semantics 1.8: a new request that the list does not show yet is not sent a second time', async () => {
    for (const listDelaySeconds of [5, 30]) {
      await eachWorld(
        [{ duplicateRequest: 'accept' }, { duplicateRequest: 'reject-400' }, { duplicateRequest: 'return-pending' }],
        async (world) => {
          const id = world.host({ latencySeconds: { Isolate: 1 } });
          succeeds(await world.up(pc(id)));
          await world.settled(pc(id));
          expect(world.ours('Isolate', id)).to.have.length(1);
          succeeds(await world.up({}));
          succeeds(await world.up(pc(id)));
          expect(world.isolated(id)).to.equal(true);
          expect(world.ours('Isolate', id)).to.have.length(2);
        },
        { switches: { listDelaySeconds, getDelaySeconds: listDelaySeconds } },
      );
    }
  });

  it('semantics 1.8: nor by a run that follows at once, while the request still waits', async () => {
    await eachWorld(
      [{ duplicateRequest: 'accept' }, { duplicateRequest: 'reject-400' }, { duplicateRequest: 'return-pending' }],
      async (world) => {
        const id = world.host();
        const program = pc(id, { waitFor: 'Submitted' });
        succeeds(await world.up(program));
        succeeds(await world.up(program));
        expect(world.ours('Isolate', id)).to.have.length(1);
        world.pass('5m');
        await world.settled(program);
        expect(world.outputs()).to.include({ state: 'isolated', owned: true });
      },
      { switches: { listDelaySeconds: 5, getDelaySeconds: 5 } },
    );
  });
});
