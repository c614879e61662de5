import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { isRunning, pluginsOf } from '../plugin-process.ts';
import { until } from '../until.ts';
import { all, type Fleet, fromManifest, makeFleet } from './fleet.ts';

const count = 60;
/** Sent before a run is killed: its own limit lets no more through in a minute. */
const half = 30;
/** Simulated seconds that an action takes here: long enough to be killed meanwhile. */
const slowly = { Isolate: 1_800, Unisolate: 1_800 };

describe('a run over sixty hosts that is killed half-way, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];

  const rateLimits = { perMinute: half, share: 1 };
  const guardrails = { maxReleases: count, maxReleasePercent: 100 };
  const run = () => fleet.start(['up', '--yes', '--skip-preview']);
  const isHalfWay = () => until('half of the hosts are requested', () => fleet.control.actions().length >= half);
  /** Every host has one isolate in all, and none is forgotten. */
  const oneEach = () => {
    for (const host of hosts) expect(fleet.isolates(host), host).to.have.length(1);
  };

  beforeEach(async function () {
    if (process.platform !== 'linux') this.skip();
    fleet = await makeFleet({ speed: 60 });
    hosts = fleet.addHosts(count, 'pc', { latencySeconds: slowly });
    fleet.declare({ fleet: fromManifest() }, { rateLimits, guardrails });
    fleet.write(hosts);
  });
  afterEach(() => fleet?.end());

  it('semantics 3.1: the plugin is killed: the next run finds the half by its marks and sends the other', async () => {
    const killed = run();
    await isHalfWay();
    for (const pid of pluginsOf(fleet)) process.kill(pid, 'SIGKILL');
    failed(await killed.ended);
    expect(fleet.writes()).to.equal(half);
    fleet.declare({ fleet: fromManifest() }, { guardrails });
    fleet.control.advance('1h');
    const again = run();
    await until('every host is requested', () => fleet.writes() === count);
    fleet.control.advance('1h');
    tells(succeeded(await again.ended), `${count} hosts are contained`);
    oneEach();
    const { fleet: set } = await fleet.sets();
    expect(set?.states).to.deep.equal(all(hosts, 'isolated'));
    for (const line of Object.values(set?.lines ?? {})) expect(line).to.include(', ours, ');
  });

  it('semantics 3.1: the engine is killed: nothing is written after it; cancel and up finish, one isolate a host', async () => {
    const killed = run();
    await isHalfWay();
    const plugins = pluginsOf(fleet);
    expect(plugins).to.not.be.empty;
    killed.kill('SIGKILL');
    await killed.ended;
    await until('the plugins have ended', () => !plugins.some(isRunning), 5_000);
    expect(fleet.writes()).to.equal(half);
    tells(failed(await fleet.up()), 'pulumi cancel');
    succeeded(await fleet.pulumi(['cancel', '--yes']));
    fleet.declare({ fleet: fromManifest() }, { guardrails });
    fleet.control.advance('1h');
    const again = run();
    await until('every host is requested', () => fleet.writes() === count);
    fleet.control.advance('1h');
    succeeded(await again.ended);
    oneEach();
    expect((await fleet.sets()).fleet?.states).to.deep.equal(all(hosts, 'isolated'));
  });

  it('Ctrl-C once: done within five seconds, what was sent is kept and told, and the next run goes on', async () => {
    const interrupted = run();
    await isHalfWay();
    const at = Date.now();
    interrupted.kill('SIGINT');
    const text = failed(await interrupted.ended);
    expect(Date.now() - at).to.be.below(5_000);
    tells(text, `NOT CONTAINED YET (${half})`, 'the run was cancelled');
    expect(fleet.writes()).to.equal(half);
    const kept = (await fleet.sets()).fleet?.states ?? {};
    expect(kept).to.deep.equal(all(Object.keys(kept), 'isolating'));
    expect(Object.keys(kept)).to.have.length(half);
    fleet.declare({ fleet: fromManifest() }, { guardrails });
    fleet.control.advance('1h');
    const again = run();
    await until('every host is requested', () => fleet.writes() === count);
    fleet.control.advance('1h');
    succeeded(await again.ended);
    oneEach();
  });
});
