import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { all, type Fleet, fromManifest, inline, makeFleet } from './fleet.ts';

const everythingMayGo = { guardrails: { maxReleases: 100, maxReleasePercent: 100 } };

describe('semantics 6.4: hosts that move between resources in one run, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];

  const host = (name: string | undefined) => ({ properties: { deviceName: name, comment: 'INC-4711' } });
  const stays = async (sent: number, ...expected: readonly (readonly [string, readonly string[]])[]) => {
    expect(fleet.writes()).to.equal(sent);
    expect(fleet.unisolates()).to.have.length(0);
    const sets = Object.entries(await fleet.sets());
    for (const line of sets.flatMap(([, { lines }]) => Object.values(lines))) expect(line).to.include(', ours, ');
    expect(Object.fromEntries(sets.map(([name, { states }]) => [name, states]))).to.deep.equal(
      Object.fromEntries(expected.map(([name, names]) => [name, all(names, 'isolated')])),
    );
  };

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(6);
    fleet.write(hosts.slice(0, 3), {}, 'left.yaml');
    fleet.write(hosts.slice(3, 5), {}, 'right.yaml');
    fleet.declare(
      { left: fromManifest('left.yaml'), right: fromManifest('right.yaml'), single: host(hosts[5]) },
      everythingMayGo,
    );
    succeeded(await fleet.up());
    await stays(6, ['left', hosts.slice(0, 3)], ['right', hosts.slice(3, 5)]);
  });
  after(() => fleet.end());

  it('from one Quarantine to another, and back the other way, sends nothing', async () => {
    fleet.write([hosts[0] ?? '', hosts[3] ?? ''], {}, 'left.yaml');
    fleet.write([hosts[1] ?? '', hosts[2] ?? '', hosts[4] ?? ''], {}, 'right.yaml');
    const text = succeeded(await fleet.preview());
    tells(text, /forget \(2\): pc-01\.contoso\.com: another resource declares it now; it stays isolated/);
    succeeded(await fleet.up());
    await stays(6, ['left', [hosts[0] ?? '', hosts[3] ?? '']], ['right', [1, 2, 4].map((at) => hosts[at] ?? '')]);
  });

  it('from a Quarantine to a MachineIsolation, and the other way, sends nothing', async () => {
    fleet.write([hosts[0] ?? '', hosts[5] ?? ''], {}, 'left.yaml');
    fleet.declare(
      { left: fromManifest('left.yaml'), right: fromManifest('right.yaml'), other: host(hosts[3]) },
      everythingMayGo,
    );
    succeeded(await fleet.up());
    await stays(6, ['left', [hosts[0] ?? '', hosts[5] ?? '']], ['right', [1, 2, 4].map((at) => hosts[at] ?? '')]);
    expect((await fleet.state()).other).to.include({ state: 'isolated', owned: true });
  });

  it('a Quarantine under another name, whole, sends nothing, and the next run is empty', async () => {
    fleet.declare(
      { renamed: fromManifest('left.yaml'), right: fromManifest('right.yaml'), other: host(hosts[3]) },
      everythingMayGo,
    );
    succeeded(await fleet.up());
    await stays(6, ['renamed', [hosts[0] ?? '', hosts[5] ?? '']], ['right', [1, 2, 4].map((at) => hosts[at] ?? '')]);
    succeeded(await fleet.preview('--expect-no-changes'));
  });

  it('one machine declared by two resources, by name and by id, is refused and nothing is sent', async () => {
    const machineId = fleet.control.machine(hosts[1] ?? '').id;
    fleet.declare(
      {
        renamed: fromManifest('left.yaml'),
        right: fromManifest('right.yaml'),
        other: host(hosts[3]),
        twice: inline([{ machineId }, hosts[4] ?? '']),
      },
      everythingMayGo,
    );
    tells(failed(await fleet.up()), 'already declared', 'Remove one of the two');
    expect(fleet.writes()).to.equal(6);
  });
});

describe('one tenant, two stacks, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];
  let common: string;

  /** A command on one of the two; each reads a manifest of its own name. */
  const on = (stack: 'dev' | 'night', ...args: readonly string[]) => {
    fleet.declare({ fleet: fromManifest(`${stack}.yaml`) }, everythingMayGo);
    return fleet.engine.run([...args, '--non-interactive', '--stack', stack], { cwd: fleet.folder });
  };

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(3);
    [, common = ''] = hosts;
    fleet.write([hosts[0] ?? '', common], {}, 'dev.yaml');
    fleet.write([common, hosts[2] ?? ''], {}, 'night.yaml');
    succeeded(await on('dev', 'up', '--yes', '--skip-preview'));
    succeeded(await fleet.engine.run(['stack', 'init', 'night', '--non-interactive'], { cwd: fleet.folder }));
  });
  after(() => fleet.end());

  it('semantics 3.2: a host that the other isolated is adopted without a request, and is not ours', async () => {
    const before = fleet.control.actions().length;
    succeeded(await on('night', 'up', '--yes', '--skip-preview'));
    expect(fleet.requests(before)).to.deep.equal(['Isolate pc-02']);
    succeeded(await on('night', 'preview', '--expect-no-changes'));
  });

  it('semantics 3.3: the stack that did not begin it leaves it isolated, and says whose it is', async () => {
    const before = fleet.control.actions().length;
    const text = succeeded(await on('night', 'destroy', '--yes', '--skip-preview'));
    expect(fleet.requests(before)).to.deep.equal(['Unisolate pc-02']);
    tells(text, 'left isolated (1)', 'pc-01.contoso.com', 'the isolation is not ours');
    expect(fleet.isIsolated(common)).to.equal(true);
    succeeded(await on('dev', 'preview', '--expect-no-changes'));
  });
});
