import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  groupsOf,
  missingGroups,
  type Permissions,
  permissions,
  scopeOf,
} from '../../provider/defender/permissions.ts';
import { createProvider } from '../../provider/resources/create-provider.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import schema from '../../schema/schema.json' with { type: 'json' };
import { Tenant } from '../functions/tenant.ts';
import { Declaration } from './engine.ts';
import { fails, inWorld, succeeds, type World } from './host.ts';

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const comment = 'INC-1';

/** A declaration of each resource, and what its own write shows up as. */
const samples: Readonly<Record<string, (machineId: string) => PropertyMap>> = {
  MachineIsolation: (machineId) => ({ machineId, comment }),
  Quarantine: (machineId) => ({ hosts: [{ machineId, comment }] }),
  FileQuarantine: (machineId) => ({ sha1, machineIds: [machineId], comment }),
  CodeExecutionRestriction: (machineId) => ({ machineId, comment }),
  FileIndicator: () => ({ indicatorValue: sha1, title: 'dropper', description: 'of INC-1' }),
  AntivirusScan: (machineId) => ({ machineId, comment }),
  InvestigationPackage: (machineId) => ({ machineId, comment }),
};

const shortName = (token: string) => token.split(':').at(-1) ?? token;
const provider = createProvider();
const resources = [...provider.resources.keys()];
const functions = [...provider.functions.keys()];

function rowOf(token: string): Permissions {
  const row = permissions[token];
  if (row === undefined) throw new Error(`${token} has no row in provider/defender/permissions.ts`);
  return row;
}

/** Of each group the role that is advised. */
const neededBy = ({ reads, writes }: Permissions) => groupsOf([...reads, ...writes]).map((group) => group[0] ?? '');

function declared(token: string, machineId: string) {
  const sample = samples[shortName(token)];
  if (sample === undefined) throw new Error(`${token} has no sample in this test`);
  return { it: new Declaration(token, sample(machineId)) };
}

/** POST and DELETE of the API. */
function written(world: World): number {
  const routes = Object.entries(world.control.statistics().byRoute);
  return routes.reduce((sum, [route, count]) => (/^(POST|DELETE) /.test(route) ? sum + count : sum), 0);
}

function grant(world: World, roles: readonly string[]): void {
  world.control.setRoles(world.simulator.credentials.clientId, roles);
}

describe('permissions', function () {
  this.timeout(60_000);

  it('stand in a table for every resource and function of the schema', () => {
    expect(Object.keys(permissions)).to.have.members([
      ...Object.keys(schema.resources),
      ...Object.keys(schema.functions),
    ]);
  });

  for (const token of resources) {
    it(`${shortName(token)}: the roles of its row suffice, exactly`, () =>
      inWorld({ judgedByTest: true }, async (world) => {
        const program = declared(token, world.host());
        grant(world, neededBy(rowOf(token)));
        const run = succeeds(await world.up(program));
        expect(written(world), 'writes').to.be.greaterThan(0);
        expect(run.text).not.to.include('this sign-in lacks');
        succeeds(await world.up(program));
        succeeds(await world.destroy());
      }));

    for (const role of neededBy(rowOf(token))) {
      it(`${shortName(token)} without ${role}: refused by that name, and nothing is written`, () =>
        inWorld({ judgedByTest: true }, async (world) => {
          const program = declared(token, world.host());
          const others = neededBy(rowOf(token)).filter((each) => each !== role);
          // One that has no part in it: a token without any role does not tell what it holds.
          grant(world, [...others, 'Machine.Offboard']);
          const run = fails(await world.up(program), { it: role });
          expect(written(world), 'writes').to.equal(0);
          expect(run.warnings.join()).to.include(`this sign-in lacks ${role} (for ${shortName(token)} it)`);
          grant(world, [...others, role]);
          succeeds(await world.up(program));
        }));
    }
  }

  it('a missing role holds nothing up that does not need it, and is told once, before the first write', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = {
        scan: new Declaration('mde:index:AntivirusScan', { machineId: id, comment }),
        pc: { machineId: id, comment },
        file: new Declaration('mde:index:FileIndicator', { indicatorValue: sha1, title: 't', description: 'd' }),
      };
      grant(world, ['Machine.Read.All', 'Machine.Isolate']);
      const run = fails(await world.up(program), { scan: 'Machine.Scan', file: 'Ti.ReadWrite.All' });
      expect(world.isolated(id)).to.equal(true);
      const told = run.warnings.filter((warning) => warning.includes('this sign-in lacks'));
      for (const role of ['Machine.Scan', 'Ti.ReadWrite.All'])
        expect(
          told.filter((warning) => warning.includes(role)),
          role,
        ).to.have.length(1);
      expect(told.join()).to.include('What needs none of it goes on').and.include('of WindowsDefenderATP');
    }));

  it('a set whose hosts are restricted as well isolates them without the role for that, and says so before', () =>
    inWorld({ judgedByTest: true }, async (world) => {
      const id = world.host();
      const hosts = [
        { machineId: id, comment, restrictCodeExecution: true },
        { machineId: world.host(), comment: 'not restrictCodeExecution=true' },
      ];
      grant(world, ['Machine.Read.All', 'Machine.Isolate']);
      const run = await world.up({ q: new Declaration('mde:index:Quarantine', { hosts }) });
      expect(run.failures.q).to.include('Machine.RestrictExecution');
      expect(run.warnings.join()).to.include(
        'this sign-in lacks Machine.RestrictExecution (for Quarantine q with restrictCodeExecution)',
      );
      expect(world.isolated(id)).to.equal(true);
      const plain = await world.up({ q: new Declaration('mde:index:Quarantine', { hosts: hosts.slice(1) }) });
      expect(plain.warnings.join()).not.to.include('this sign-in lacks');
    }));

  it('a set with files isolates its hosts without the role for files, and says so before', () =>
    inWorld({ judgedByTest: true }, async (world) => {
      const id = world.host();
      grant(world, ['Machine.Read.All', 'Machine.Isolate']);
      const set = { hosts: [{ machineId: id, comment }], files: [{ sha1, comment }] };
      const run = await world.up({ q: new Declaration('mde:index:Quarantine', set) });
      expect(run.failures.q).to.include('Machine.StopAndQuarantine');
      expect(run.warnings.join()).to.include('lacks Machine.StopAndQuarantine (for Quarantine q with files)');
      expect(world.isolated(id)).to.equal(true);
    }));

  it('a role that is taken away in the middle is told by its name too', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.before('POST isolate', () => {
        grant(world, ['Machine.Read.All']);
        world.control.addFault({
          effect: { kind: 'answer', status: 403, body: '{"error":{"code":"Forbidden","message":"Missing"}}' },
          route: 'POST machines/{id}/isolate',
        });
      });
      const run = fails(await world.up({ pc: { machineId: id, comment } }), { pc: 'Machine.Isolate' });
      expect(run.failures.pc).to.include('taken away since');
      expect(world.isolated(id)).to.equal(false);
    }));

  it('a preview with a sign-in that only reads is no error', async () => {
    for (const token of resources) {
      await inWorld({}, async (world) => {
        grant(world, ['Machine.Read.All']);
        const run = succeeds(await world.preview(declared(token, world.host())));
        expect(run.text, token).to.match(/lacks the role|holds none of the roles/);
      });
    }
  });

  it('functions need no more than what reads, and say which role that is', async () => {
    const tenant = await Tenant.open();
    try {
      const { id } = tenant.control.addMachine({ computerDnsName: 'pc-1.contoso.com' });
      const takesMachine = ['getMachine', 'getIsolation'];
      for (const token of functions) {
        const row = rowOf(token);
        expect(row.writes).to.deep.equal([]);
        expect(neededBy(row)).to.deep.equal(['Machine.Read.All']);
      }
      const clientId = tenant.simulator.credentials.clientId;
      tenant.control.setRoles(clientId, ['Machine.ReadWrite.All']);
      for (const name of functions.map(shortName))
        await tenant.call(name, takesMachine.includes(name) ? { machineId: id } : {});
    } finally {
      await tenant.close();
    }
  });

  it('of persons are scopes: the same names, without .All', () => {
    expect(['Machine.Read.All', 'Machine.Isolate', 'Ti.ReadWrite.All'].map(scopeOf)).to.deep.equal([
      'Machine.Read',
      'Machine.Isolate',
      'Ti.ReadWrite',
    ]);
    const groups = groupsOf([
      ...rowOf('mde:index:MachineIsolation').reads,
      ...rowOf('mde:index:MachineIsolation').writes,
    ]);
    const person = (...roles: string[]) => missingGroups(groups, { roles, delegated: true }).map(([role]) => role);
    expect(person('Machine.Read', 'Machine.Isolate')).to.deep.equal([]);
    expect(person('Machine.ReadWrite', 'Machine.Isolate')).to.deep.equal([]);
    expect(person('Machine.Read')).to.deep.equal(['Machine.Isolate']);
    expect(person('Machine.Read.All', 'Machine.Isolate')).to.deep.equal(['Machine.Read.All']);
    for (const tellsNothing of [[], ['user_impersonation']])
      expect(person(...tellsNothing), tellsNothing.join()).to.deep.equal([]);
  });

  it('are documented as they are', () => {
    const doc = readFileSync(fileURLToPath(new URL('../../docs/permissions.md', import.meta.url)), 'utf8');
    const rows = new Map(
      [...doc.matchAll(/^\| `(\w+)`(.*?) \| (.+?) \| (.+?) \|$/gm)].map(([, name, also, app, person]) => [
        `${name}${also}`,
        [app, person],
      ]),
    );
    const listed = (groups: readonly string[]) => groups.map((role) => `\`${role}\``).join(', ');
    const wanted = new Map<string, [string, string]>();
    for (const [token, row] of Object.entries(permissions)) {
      const put = (name: string, roles: readonly string[]) =>
        wanted.set(name, [listed(roles), listed(roles.map(scopeOf))]);
      put(shortName(token), neededBy(row));
      for (const [property, routes] of Object.entries(row.writesFor ?? {})) {
        const own = groupsOf([...row.reads, ...row.writes]);
        const more = groupsOf([...row.reads, ...row.writes, ...routes]).filter(
          (group) => !own.some((each) => each.join() === group.join()),
        );
        put(
          `${shortName(token)} with \`${property}\`, beside those`,
          more.map((group) => group[0] ?? ''),
        );
      }
    }
    expect(Object.fromEntries(rows)).to.deep.equal(Object.fromEntries(wanted));
  });
});
