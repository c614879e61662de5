import { expect } from 'chai';
import type { HostStatus } from '../../cli/status/host-status.ts';
import { formatStatus } from '../../cli/status/report.ts';
import { inWorld, succeeds, type World } from '../resources/host.ts';
import { type Ran, rowsOf, runIn } from './run.ts';

interface Told {
  readonly standing: string;
  readonly machineId: string | null;
  readonly deviceName: string | null;
  readonly state: string;
  readonly requestors: readonly string[];
  readonly coveredUntil: string | null;
  readonly comment: string | null;
  readonly reason: string;
}

/** A manifest of hosts by id. */
function manifest(ids: readonly string[], more = ''): string {
  const hosts = ids.map((id) => `  - machineId: "${id}"\n`).join('');
  return `version: 1\ncomment: INC-1\n${more}hosts:${ids.length === 0 ? ' []\n' : `\n${hosts}`}`;
}

async function statusOf(world: World, text: string, ...args: readonly string[]): Promise<{ ran: Ran; hosts: Told[] }> {
  const before = world.writes();
  const ran = await runIn(world, ['status', 'q.yaml', '--json', ...args], { files: { 'q.yaml': text } });
  expect(world.writes(), 'writes of status').to.equal(before);
  return { ran, hosts: ran.out === '' ? [] : (JSON.parse(ran.out) as { hosts: Told[] }).hosts };
}

function standings(hosts: readonly Told[]): Readonly<Record<string, string>> {
  return Object.fromEntries(hosts.map((host) => [host.machineId ?? host.deviceName, host.standing]));
}

describe('pulumi-mde status FILE', () => {
  it('ends with 0 where every declared host is contained, and tells until when that is certain', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const { ran, hosts } = await statusOf(world, manifest(ids));
      expect(ran.code).to.equal(0);
      expect(hosts.map(({ standing, state }) => `${standing} ${state}`)).to.deep.equal(
        Array(2).fill('in-sync isolated'),
      );
      expect(hosts[0]?.coveredUntil).to.equal('2026-01-12T12:00:07Z');
      expect(hosts[0]?.comment).to.match(/^\[mde:[0-9a-f]{16}\] dev\/pc\d: INC-1$/);
    }));

  it('ends with 2 on drift, worst first: to be released, released, being released, not contained yet, different', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(6);
      succeeds(await world.up(program));
      const [gone = '', freed = '', leaving = '', fine = '', selective = '', held = ''] = ids;
      const away = world.host({ online: false });
      world.control.unisolate(freed, { latencySeconds: 0 });
      world.control.unisolate(held, { latencySeconds: 0, comment: 'mde-hold INC-9' });
      world.control.setMachine(leaving, { online: false });
      world.control.unisolate(leaving);
      world.control.isolate(away, { by: 'analyst@contoso.com' });
      const text = `${manifest([freed, leaving, fine, away, held])}  - machineId: "${selective}"\n    isolationType: Selective\n`;
      const { ran, hosts } = await statusOf(world, text, '--stack', 'containment/dev');
      expect(ran.code).to.equal(2);
      expect(standings(hosts)).to.deep.equal({
        [gone]: 'would-release',
        [freed]: 'released',
        [held]: 'released',
        [leaving]: 'releasing',
        [away]: 'not-contained',
        [selective]: 'differs',
        [fine]: 'in-sync',
      });
      const order = ['would-release', 'released', 'released', 'releasing', 'not-contained', 'differs', 'in-sync'];
      expect(hosts.map(({ standing }) => standing)).to.deep.equal(order);
      const reasonOf = (id: string) => hosts.find(({ machineId }) => machineId === id)?.reason;
      expect(reasonOf(freed)).to.contain('a run isolates it: it was released by analyst@contoso.com');
      expect(reasonOf(held)).to.match(/^a run leaves it so: released by analyst@contoso\.com .* with mde-hold/);
      expect(reasonOf(gone)).to.contain('containment/dev and is not declared: a run releases it');

      const people = await runIn(world, ['status', 'q.yaml', '--stack', 'containment/dev'], {
        files: { 'q.yaml': text },
      });
      expect(people.out.split('\n')[0]).to.equal(
        '6 hosts declared: 1 WOULD BE RELEASED, 2 DECLARED, BUT RELEASED, 1 BEING RELEASED, 1 NOT CONTAINED FOR CERTAIN, 1 DIFFERS, 1 in sync.',
      );
      expect(rowsOf(people.out).map(([heading]) => heading?.toLowerCase().slice(0, 5))).to.deep.equal([
        'would',
        'decla',
        'decla',
        'being',
        'not c',
        'diffe',
        'in sy',
      ]);
    }));

  it('tells a host that cannot be observed as an error, never as in sync or released: 1', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      const missing = 'f'.repeat(40);
      const text = `${manifest([...ids, missing])}  - deviceName: nobody.contoso.com\n`;
      const { ran, hosts } = await statusOf(world, text);
      expect(ran.code).to.equal(1);
      expect(standings(hosts)).to.deep.equal({
        [ids[0] ?? '']: 'in-sync',
        [missing]: 'unobserved',
        'nobody.contoso.com': 'unobserved',
      });
      expect(hosts.map(({ state }) => state)).not.to.include('released');

      world.control.addFault({ effect: { kind: 'answer', status: 403 }, route: 'GET machineactions' });
      const blind = await statusOf(world, manifest(ids));
      expect(blind.ran.code).to.equal(1);
      expect(blind.ran.out).not.to.contain('"in-sync",');
    }));

  it('semantics 6.1, 6.2: takes names by the rules of the provider, and says what contradicts', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'pc-a.contoso.com' });
      const other = world.host({ computerDnsName: 'pc-b.contoso.com' });
      world.host({ computerDnsName: 'twin.contoso.com' });
      world.host({ computerDnsName: 'twin.contoso.com' });
      succeeds(await world.up({ pc: { machineId: id, comment: 'INC-1' } }));
      const text = `version: 1\ncomment: INC-1\nhosts:\n  - deviceName: PC-A.contoso.com\n  - deviceName: twin.contoso.com\n  - machineId: "${other}"\n    deviceName: pc-c.contoso.com\n`;
      const { ran, hosts } = await statusOf(world, text);
      expect(ran.code).to.equal(1);
      expect(standings(hosts)).to.deep.equal({
        [id]: 'in-sync',
        [other]: 'unobserved',
        'twin.contoso.com': 'unobserved',
      });
      expect(hosts.map(({ reason }) => reason).join('\n'))
        .to.contain('is ambiguous')
        .and.to.contain('contradict each other');
    }));

  it('looks many names up with one list', () =>
    inWorld({}, async (world) => {
      const { ids } = world.hosts(20);
      const names = ids.map((id) => world.control.machine(id).computerDnsName.toUpperCase());
      const text = `version: 1\ncomment: INC-1\nhosts:\n${names.map((name) => `  - deviceName: ${name}\n`).join('')}`;
      world.control.resetStatistics();
      const { ran, hosts } = await statusOf(world, text);
      expect(ran.code).to.equal(2);
      expect(hosts.map(({ machineId }) => machineId)).to.have.members([...ids]);
      expect(world.control.statistics().byRoute['GET machines']).to.be.at.most(4);
    }));

  it('semantics 8.7: tells a host whose releaseAt has passed as one that would be released, and released as in sync', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const [due = '', done = ''] = ids;
      world.control.unisolate(done, { latencySeconds: 0 });
      const { ran, hosts } = await statusOf(world, manifest([due, done], 'releaseAt: 2026-01-05T12:00:00Z\n'));
      expect(ran.code).to.equal(2);
      expect(standings(hosts)).to.deep.equal({ [due]: 'would-release', [done]: 'in-sync' });
    }));

  it('semantics 2.2: a renewal that is due, and a lease that may be over, are drift', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      world.pass('5d');
      expect(standings((await statusOf(world, manifest(ids))).hosts)).to.deep.equal({ [ids[0] ?? '']: 'differs' });
      world.pass('60h');
      expect((await statusOf(world, manifest(ids))).hosts[0]).to.deep.include({
        standing: 'not-contained',
        state: 'uncertain',
        coveredUntil: null,
      });
      world.pass('2d');
      expect((await statusOf(world, manifest(ids))).hosts[0]).to.deep.include({
        standing: 'released',
        state: 'lapsed',
      });
    }));

  it('tells hosts of the stack, or of one resource, by their marks alone, also to a sign-in that only reads', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const foreign = world.host();
      world.control.isolate(foreign, { latencySeconds: 0 });
      const reader = world.control.addApp({ displayName: 'reader', roles: ['Machine.Read.All'] });
      const env = { AZURE_CLIENT_ID: reader.clientId, AZURE_CLIENT_SECRET: reader.clientSecret };
      const told = async (stack: string) => {
        const ran = await runIn(world, ['status', 'q.yaml', '--json', '--stack', stack], {
          env,
          files: { 'q.yaml': manifest([]) },
        });
        return (JSON.parse(ran.out) as { hosts: Told[] }).hosts.map(({ machineId }) => machineId);
      };
      expect(await told('containment/dev')).to.have.members([...ids]);
      expect(await told('containment/dev/pc1')).to.deep.equal([ids[0]]);
      expect(await told('containment/prod')).to.deep.equal([]);
      const without = await runIn(world, ['status', 'q.yaml'], { files: { 'q.yaml': manifest([]) } });
      expect(without.code).to.equal(0);
      expect(without.out).to.contain('2 hosts not declared here carry the mark').and.to.contain('--stack');
    }));

  it('semantics 3.2: a host of the stack that an analyst isolated too is not told as one that would be released', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      world.control.isolate(ids[0] ?? '', { latencySeconds: 0 });
      const { hosts } = await statusOf(world, manifest([]), '--stack', 'containment/dev');
      expect(hosts[0]).to.deep.include({ standing: 'differs' });
      expect(hosts[0]?.reason).to.contain('a run leaves it isolated, since analyst@contoso.com isolated it too');
    }));

  it('does not look anything up for a manifest that is not valid', () =>
    inWorld({}, async (world) => {
      const ran = await runIn(world, ['status', 'q.yaml'], { files: { 'q.yaml': 'version: 1\nhost: []\n' } });
      expect(ran).to.deep.include({ code: 1, out: '' });
      expect(ran.err)
        .to.match(/^q\.yaml:2:1: host: /m)
        .and.to.contain('nothing was looked up');
      expect(world.control.statistics().byRoute).to.deep.equal({});
    }));
});

describe('pulumi-mde status', () => {
  it('tells every contained host of the tenant with who, since when, until when and why', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(1);
      succeeds(await world.up(program));
      const foreign = world.host({ computerDnsName: 'foreign.contoso.com' });
      const away = world.host({ online: false });
      const free = world.host();
      world.control.isolate(foreign, { latencySeconds: 0, by: 'ann@contoso.com', comment: 'by hand' });
      world.control.isolate(away, {});
      world.control.isolate(free, { latencySeconds: 0 });
      world.pass('1m');
      world.control.unisolate(free, { latencySeconds: 0 });
      const ran = await runIn(world, ['status', '--json']);
      expect(ran.code).to.equal(0);
      const { hosts } = JSON.parse(ran.out) as { hosts: Told[] };
      expect(hosts.map(({ machineId, state }) => [machineId, state])).to.have.deep.members([
        [ids[0], 'isolated'],
        [foreign, 'isolated'],
        [away, 'isolating'],
      ]);
      expect(hosts.find(({ machineId }) => machineId === foreign)).to.deep.include({
        deviceName: 'foreign.contoso.com',
        requestors: ['ann@contoso.com'],
        comment: 'by hand',
      });
      const people = await runIn(world, ['status']);
      expect(people.out).to.match(/^3 hosts of this tenant are contained, or about to be, or may be: /);
    }));

  it('tells clearly that nothing is contained', () =>
    inWorld({}, async (world) => {
      expect(await runIn(world, ['status'])).to.deep.include({
        code: 0,
        out: 'No host of this tenant is contained or about to be.\n',
        err: '',
      });
    }));

  it('tells a wrong secret once, without the secret, and how to set it right', () =>
    inWorld({}, async (world) => {
      const ran = await runIn(world, ['status'], { env: { AZURE_CLIENT_SECRET: 'not~the~secret' } });
      expect(ran).to.deep.include({ code: 1, out: '' });
      expect(ran.err).to.contain('the client secret is wrong').and.to.contain('AZURE_CLIENT_SECRET');
      expect(ran.err.trim().split('\n')).to.have.length(2);
    }));

  it('semantics 1.2: a list that is not complete is an error, and nothing is told of anybody', () =>
    inWorld({}, async (world) => {
      const { program } = world.hosts(1);
      succeeds(await world.up(program));
      world.control.addFault({ effect: { kind: 'list', countError: 1 }, route: 'GET machineactions' });
      const ran = await runIn(world, ['status']);
      expect(ran).to.deep.include({ code: 1, out: '' });
      expect(ran.err).to.contain('not complete');
    }));
});

describe('what status prints', () => {
  const host: HostStatus = {
    standing: 'would-release',
    machineId: 'a'.repeat(40),
    deviceName: 'pc|1\u202e`.contoso.com',
    path: undefined,
    line: undefined,
    state: 'isolated',
    requestors: ['@team', '##vso[task.complete result=Failed]'],
    since: Date.UTC(2026, 0, 5),
    coveredUntil: Date.UTC(2026, 0, 12),
    comment: '[mde:0123456789abcdef] dev/x: <img src=x> ![](https://evil) \u001b[2J%0A::error::x\n::error::y',
    reason: 'a | b',
  };
  const report = { hosts: [host], declared: 1, others: undefined };

  it('leads a pull request with what would be released, and shows what others wrote as code', () => {
    const text = formatStatus(report, 'markdown', false);
    expect(text.split('\n')[2]).to.equal('**1 host WOULD BE RELEASED.**');
    const row = text.split('\n').find((line) => line.includes('contoso'));
    const outsideCode = row?.replace(/`[^`]*`/g, '');
    expect(outsideCode).not.to.match(/@team|<img|https|evil/);
    expect(text.replaceAll('\n', '')).not.to.match(/[\p{Cc}\u202e]/u);
    expect(text).not.to.match(/##vso\[|^::/m);
  });

  it('is safe on a terminal and in a log', () => {
    const text = formatStatus(report, 'text', false);
    expect(text.replaceAll('\n', '')).not.to.match(/[\p{Cc}\u202e]/u);
    expect(text).not.to.match(/##vso\[|^::/m);
    expect(rowsOf(text)[0]).to.have.length(9);
    expect(formatStatus(report, 'text', true)).to.contain('\u001b[31m');
  });

  it('says in a pull request that nothing would be released, and only counts what is in sync', () => {
    const text = formatStatus({ ...report, hosts: [{ ...host, standing: 'in-sync' }] }, 'markdown', false);
    expect(text).to.contain('Nothing would be released.').and.to.contain('1 in sync');
    expect(text).not.to.contain('contoso');
  });

  it('fits a pull request comment, and says how many hosts were cut off', () => {
    const hosts = Array.from({ length: 2_000 }, () => host);
    const text = formatStatus({ ...report, hosts }, 'markdown', false);
    expect(text.length).to.be.at.most(60_000).and.at.least(50_000);
    const shown = text.split('\n').filter((line) => line.includes('contoso')).length;
    expect(text).to.contain(`… and ${2_000 - shown} hosts more`);
    expect(text).to.contain('**2000 hosts WOULD BE RELEASED.**');
  });
});
