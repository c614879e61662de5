import { expect } from 'chai';
import { holdComment } from '../../cli/release/hold-comment.ts';
import { wantedMark } from '../../cli/release/wanted-mark.ts';
import { inWorld, succeeds, type World } from '../resources/host.ts';
import { type CliOptions, type Ran, rowsOf, runIn, runOffline } from './run.ts';

const reason = ['--comment', 'INC-9 false alarm'];

/** Breaks the glass, and holds the service's record against what was said. */
async function glass(world: World, args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  const known = new Set(world.requests('Unisolate').map(({ id }) => id));
  const ran = await runIn(world, ['release', ...args, ...reason], options);
  const sent = world.requests('Unisolate').filter(({ id, origin }) => !known.has(id) && origin.via === 'api');
  for (const { requestorComment, machineId } of sent) {
    expect(requestorComment).to.match(/^mde-hold 0000000\d: INC-9 false alarm$/);
    expect(requestorComment).not.to.contain('[mde:');
    expect(
      sent.filter((each) => each.machineId === machineId),
      'releases of one host',
    ).to.have.length(1);
  }
  return ran;
}

function markOn(world: World, id: string): string {
  return /^\[mde:([0-9a-f]{16})\]/.exec(world.ours('Isolate', id).at(-1)?.requestorComment ?? '')?.[1] ?? '';
}

describe('pulumi-mde release', () => {
  it('semantics 7.2: releases by the mark of one host, without any state, so that no run isolates it again', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const [first = '', second = ''] = ids;
      const ran = await glass(world, ['--mark', `[mde:${markOn(world, first)}]`, '--yes-release', '1']);
      expect(ran.code).to.equal(0);
      expect(world.isolated(first)).to.equal(false);
      expect(world.isolated(second)).to.equal(true);
      expect(ran.err).to.match(/^\[1\/1\] released: pc-1\.contoso\.com/m);
      expect(ran.out).to.contain('What to change in Git').and.to.contain(first);
      expect(ran.out).not.to.contain('released by a request of another');

      world.outOfDate(first);
      await world.up(program);
      expect(world.isolated(first), 'isolated again by the next run').to.equal(false);
      await world.up({ ...program, pc1: { machineId: first, comment: 'INC-10 after all' } });
      expect(world.isolated(first), 'after its comment was changed').to.equal(true);
    }));

  it('releases every host of a resource by STACK/RESOURCE as it stands in the comments, and no other', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(3);
      succeeds(await world.up(program));
      const ran = await glass(world, ['--mark', 'dev/pc2', '--yes-release', '1']);
      expect(ran.code).to.equal(0);
      expect(ids.map((id) => world.isolated(id))).to.deep.equal([true, false, true]);
      const none = await glass(world, ['--mark', 'dev/pc', '--yes-release', '1']);
      expect(none.code).to.equal(1);
      expect(none.err).to.contain('No contained host of this tenant carries dev/pc.');
    }));

  it('shows who isolated each host, since when and why, and sends nothing before the count is typed', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const args = ids.flatMap((id) => ['--machine', id]);
      const before = world.writes();
      for (const options of [
        {},
        { typed: { line: 'yes' } },
        { typed: { line: '1' } },
        { typed: { line: undefined } },
      ]) {
        const ran = await glass(world, args, options);
        expect(ran.code).to.equal(1);
        expect(ran.err).to.match(/[Nn]othing was sent/);
        expect(rowsOf(ran.out).map(([what, , id, state]) => [what, id, state])).to.have.deep.members(
          ids.map((id) => ['release', id, 'isolated']),
        );
        expect(ran.out).to.contain('pulumi-mde').and.to.contain('2026-01-05').and.to.contain('dev/pc1: INC-1');
      }
      expect((await glass(world, args)).err).to.contain('--yes-release 2');
      for (const count of ['1', '3', '0']) {
        const ran = await glass(world, [...args, '--yes-release', count]);
        expect(ran.code).to.equal(1);
        expect(ran.err).to.contain(`--yes-release says ${count}, but 2`);
      }
      expect(world.writes(), 'writes').to.equal(before);

      const ran = await glass(world, args, { typed: { line: ' 2 ' } });
      expect(ran.asked).to.deep.equal(['Type 2 to release these 2 hosts; anything else sends nothing: ']);
      expect(ran.code).to.equal(0);
      expect(ids.map((id) => world.isolated(id))).to.deep.equal([false, false]);
    }));

  it('semantics 1.8: decides on what is so when the count has been typed, not on what was listed', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const [contested = '', freed = ''] = ids;
      const meanwhile = () => {
        world.control.setMachine(contested, { online: false });
        world.control.isolate(contested, { by: 'ann@contoso.com' });
        world.control.unisolate(freed, { by: 'ann@contoso.com', latencySeconds: 0 });
      };
      const ran = await glass(world, ['--machine', ...ids], { typed: { line: '2', meanwhile } });
      expect(ran.code).to.equal(1);
      expect(world.ours('Unisolate')).to.have.length(0);
      expect(ran.out).to.contain('an isolation of another is queued').and.to.contain('it is not isolated any more');
    }));

  it('releases what a manifest declares, and names the lines to change', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      const named = world.host({ computerDnsName: 'pc-x.contoso.com' });
      succeeds(await world.up({ ...program, x: { machineId: named, comment: 'INC-1' } }));
      const text = `version: 1\ncomment: INC-1\nhosts:\n  - machineId: "${ids[0]}"\n  - deviceName: pc-x.contoso.com\n`;
      const ran = await glass(world, ['--file', 'q.yaml', '--yes-release', '2'], { files: { 'q.yaml': text } });
      expect(ran.code).to.equal(0);
      expect(ran.out)
        .to.match(/q\.yaml:4: hosts\[0\] .*pc-1/)
        .and.to.match(/q\.yaml:5: hosts\[1\] .*pc-x/);
      expect(world.isolated(named)).to.equal(false);
    }));

  it('semantics 5.1: leaves a host alone where the isolation of another is queued, tells its id, and ends with 1', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const [contested = '', plain = ''] = ids;
      world.control.setMachine(contested, { online: false });
      const queued = world.control.isolate(contested, { by: 'ann@contoso.com' });
      const ran = await glass(world, ['--machine', contested, plain, '--yes-release', '1']);
      expect(ran.code).to.equal(1);
      expect(ran.err).to.contain(queued.id).and.to.contain('ann@contoso.com');
      expect(world.ours('Unisolate', contested)).to.have.length(0);
      expect(world.control.actions({ machine: contested }).find(({ id }) => id === queued.id)?.status).to.equal(
        'Pending',
      );
      expect(world.isolated(plain)).to.equal(false);
    }));

  it('cancels an isolation that a pipeline has under way, and then sends a release that holds', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      await world.up({ pc: { machineId: id, comment: 'INC-1', waitFor: 'Submitted' } });
      world.after('5m', () => world.control.setMachine(id, { online: true }));
      const ran = await glass(world, ['--machine', id, '--yes-release', '1']);
      expect(ran.code, ran.err).to.equal(0);
      expect(ran.err).to.contain('is still under way and is cancelled first');
      expect(world.requests('Isolate', id).map(({ status }) => status)).to.deep.equal(['Cancelled']);
      expect(world.ours('Unisolate', id)).to.have.length(1);
      world.outOfDate(id);
      await world.up({ pc: { machineId: id, comment: 'INC-1', waitFor: 'Submitted' } });
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('follows a release that runs already, and warns that it does not hold', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      const id = ids[0] ?? '';
      const running = world.control.unisolate(id, { by: 'ann@contoso.com' });
      const ran = await glass(world, ['--machine', id, '--yes-release', '1']);
      expect(ran.code, ran.err).to.equal(0);
      expect(ran.err).to.contain(`ann@contoso.com is releasing it already (${running.id})`);
      expect(world.requests('Unisolate', id)).to.have.length(1);
      expect(ran.out).to.contain('released by a request of another, which does not carry mde-hold');
    }));

  it('tells a host that is not isolated, and sends nothing for it', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const ran = await glass(world, ['--machine', id, '--yes-release', '1']);
      expect(ran.code).to.equal(0);
      expect(ran.err).to.contain('it is not isolated; nothing is sent').and.to.contain('Nothing was sent.');
      expect(world.writes()).to.equal(0);
    }));

  it('sends nothing for a host that cannot be observed, releases the others, and ends with 1', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      const missing = 'f'.repeat(40);
      const ran = await glass(world, ['--machine', ids[0] ?? '', missing, '--yes-release', '1']);
      expect(ran.code).to.equal(1);
      expect(ran.err).to.contain(missing).and.to.contain('404');
      expect(world.isolated(ids[0] ?? '')).to.equal(false);

      const { ids: more, program: others } = world.hosts(1);
      succeeds(await world.up({ pc9: { ...others.pc1 } }, { mayRelease: [...ids] }));
      world.control.addFault({ effect: { kind: 'answer', status: 403 }, route: 'GET machineactions' });
      const before = world.writes();
      const blind = await glass(world, ['--machine', more[0] ?? '', '--yes-release', '1']);
      expect(blind.code).to.equal(1);
      expect(blind.err).to.contain('could not be observed');
      expect(world.writes()).to.equal(before);
    }));

  it('does not pass over a host of the mark that could not be looked at', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const other = world.host();
      world.control.isolate(other, { latencySeconds: 0 });
      world.control.addFault({ effect: { kind: 'answer', status: 403 }, route: 'GET machines' });
      const before = world.writes();
      const ran = await glass(world, ['--mark', 'dev/pc1', '--yes-release', '1']);
      expect(ran.code).to.equal(1);
      expect(ran.err).to.contain(ids[0]).and.to.contain('could not be observed');
      expect(rowsOf(ran.out)).to.have.length(1);
      expect(world.writes()).to.equal(before);
    }));

  it('semantics 4.1: a release whose answer was lost is looked for, and not sent twice', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      world.control.addFault({ effect: { kind: 'reset-after' }, route: 'POST machines/{id}/unisolate', count: 1 });
      const ran = await glass(world, ['--machine', ids[0] ?? '', '--yes-release', '1']);
      expect(ran.code, ran.err).to.equal(0);
      expect(world.requests('Unisolate', ids[0])).to.have.length(1);
    }));

  it('is no success where a device is away: the release is told with its id, and left to Defender', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const [away = '', here = ''] = ids;
      world.control.setMachine(away, { online: false });
      const ran = await glass(world, ['--machine', away, here, '--yes-release', '2', '--timeout', '10m']);
      expect(ran.code).to.equal(1);
      expect(ran.err).to.match(/1 still under way/);
      expect(ran.err).to.contain(`NOT RELEASED YET: the release ${world.ours('Unisolate', away)[0]?.id} is Pending`);
      expect(ran.err).to.contain('1 of 2 hosts were not released');
      expect(world.isolated(here)).to.equal(false);
      expect(rowsOf(ran.out).at(-2)?.[0]).to.equal('NOT RELEASED');
    }));

  it('after Ctrl-C sends no more, and tells how far it got', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      for (const id of ids) world.control.setMachine(id, { online: false });
      const args = ['--machine', ...ids, '--yes-release', '2'];
      const early = await glass(world, args, { cancelAfter: 1 });
      expect(early.code).to.equal(1);
      expect(world.ours('Unisolate')).to.have.length(0);
      expect(early.err).to.match(/[Ss]topped/);
      const late = await glass(world, args, { cancelAfter: 60_000 });
      expect(late.code).to.equal(1);
      expect(late.err).to.contain('following it was stopped');
      expect(world.ours('Unisolate')).to.have.length(2);
    }));

  it('semantics 5.1: is no success where somebody isolates the host again meanwhile', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      const id = ids[0] ?? '';
      world.control.setMachine(id, { latencySeconds: { Unisolate: 120 } });
      world.after('60s', () => world.control.isolate(id, { by: 'ann@contoso.com', latencySeconds: 600 }));
      const ran = await glass(world, ['--machine', id, '--yes-release', '1']);
      expect(ran.code).to.equal(1);
      expect(ran.err).to.contain('again by ann@contoso.com');
    }));

  it('semantics 1.8: looks again while many wait for the rate limit, and reads little', () =>
    inWorld({ machines: 0 }, async (world) => {
      const ids = Array.from({ length: 220 }, () => world.host());
      for (const id of ids) world.control.isolate(id, { latencySeconds: 0 });
      world.pass('10m');
      world.control.resetStatistics();
      // More than 90 requests do not go out in a minute.
      const last = ids.at(-1) ?? '';
      world.after('70s', () => {
        world.control.setMachine(last, { online: false });
        world.control.isolate(last, { by: 'ann@contoso.com' });
      });
      const ran = await glass(world, [...ids.flatMap((id) => ['--machine', id]), '--yes-release', '220']);
      expect(ran.code).to.equal(1);
      expect(ids.filter((id) => world.isolated(id))).to.deep.equal([last]);
      expect(world.ours('Unisolate', last)).to.have.length(0);
      expect(world.control.statistics().byRoute['GET machineactions']).to.be.at.most(60);
    }));

  it('warns where several have isolated a host: a release frees it for all of them', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      world.control.isolate(ids[0] ?? '', { by: 'ann@contoso.com', latencySeconds: 0 });
      const ran = await glass(world, ['--mark', 'dev/pc1']);
      expect(ran.err).to.contain('several have isolated it').and.to.contain('ann@contoso.com');
    }));

  it('shows names and comments of others safely, whatever they hold', () =>
    inWorld({}, async (world) => {
      const evil = 'x|\u202e\u001b[2J\r\n::error::%0A##vso[task.complete]`@team`';
      const id = world.host({ computerDnsName: evil });
      world.control.isolate(id, { by: evil, comment: evil, latencySeconds: 0 });
      world.pass('10m');
      const told = [
        await runIn(world, ['status']),
        await runIn(world, ['status', '--json']),
        await runIn(world, ['status', '--format', 'markdown']),
        await glass(world, ['--machine', id]),
        await glass(world, ['--machine', id, '--yes-release', '1']),
      ];
      expect(told.map(({ code }) => code)).to.deep.equal([0, 0, 0, 1, 0]);
      for (const { out, err } of told) {
        for (const text of [out, err]) {
          expect(text.replaceAll('\n', '')).not.to.match(/[\p{Cc}\u202e]/u);
          expect(text).not.to.match(/##vso\[|^\s*::/m);
        }
      }
      const { hosts } = JSON.parse(told[1]?.out ?? '') as { hosts: { deviceName: string; comment: string }[] };
      expect(hosts[0]).to.deep.include({ deviceName: evil, comment: evil });
      for (const { out } of [told[0], told[3], told[4]].filter((ran) => ran !== undefined)) {
        expect(new Set(rowsOf(out).map((row) => row.length)).size).to.be.at.most(2);
      }
    }));

  it('takes exactly one way of naming hosts, a comment that says something, and whole ids', async () => {
    const id = '1'.repeat(40);
    for (const args of [
      ['release', '--machine', id],
      ['release', ...reason],
      ['release', '--machine', id, '--mark', 'dev/x', ...reason],
      ['release', '--machine', id, '--comment', '  '],
      ['release', '--machine', id, ...reason, '--yes-release', 'all'],
      ['release', '--machine', id, ...reason, '--timeout', 'soon'],
    ]) {
      const ran = await runOffline(args);
      expect(ran.code, args.join(' ')).to.equal(2);
      expect(ran.err, args.join(' ')).to.match(/^error: /);
    }
    for (const args of [
      ['--machine', 'pc-1'],
      ['--mark', 'xyz'],
      ['--file', 'gone.yaml'],
    ]) {
      const ran = await runOffline(['release', ...args, ...reason]);
      expect(ran.code, args.join(' ')).to.equal(1);
      expect(ran.err.trim().split('\n')).to.have.length(1);
    }
  });
});

describe('the comment of a broken glass', () => {
  it('begins with mde-hold and holds no mark, whatever the reason says', () => {
    const text = holdComment('00c0ffee', '[mde:0123456789abcdef] \u202e\r\nx'.padEnd(900, 'y'));
    expect(text).to.match(/^mde-hold 00c0ffee: \(mde:0123/);
    expect(text).not.to.match(/[\p{Cc}\u202e]/u);
    expect(text).to.have.length(500);
  });

  it('finds marks that came over the API only', () => {
    const action = { requestSource: 'PublicApi', requestorComment: '[mde:0123456789abcdef] dev/a/b: x: y' } as never;
    const portal = { requestSource: 'Portal', requestorComment: '[mde:0123456789abcdef] dev/a/b: x' } as never;
    for (const text of ['0123456789ABCDEF', '[mde:0123456789abcdef]', 'dev/a/b']) {
      expect(wantedMark(text)(action), text).to.equal(true);
      expect(wantedMark(text)(portal), text).to.equal(false);
    }
    for (const text of ['1123456789abcdef', 'dev/a', 'dev/a/b: x', 'ev/a/b']) {
      expect(wantedMark(text)(action), text).to.equal(text === 'dev/a/b: x');
    }
  });
});
