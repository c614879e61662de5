import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { isRunning, pluginsOf } from './plugin-process.ts';
import { until } from './until.ts';
import { makeWorld, type World } from './world.ts';

/** Simulated seconds that an isolation takes here: long enough to be killed meanwhile. */
const slowly = { Isolate: 1_800 };

describe('a run that is killed or interrupted, on the real engine', () => {
  let world: World;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    world = await makeWorld({ speed: 60 });
  });
  after(() => world?.end());

  /** A new host, declared alone; answers its machine id. */
  const declareOne = (name: string): string => {
    const { id } = world.control.addMachine({ computerDnsName: `${name}.contoso.com`, latencySeconds: slowly });
    world.declare({ [name]: { properties: { machineId: id, comment: 'INC-1' } } }, { guardrails: { maxReleases: 9 } });
    return id;
  };
  const sent = (id: string) => () => world.isolates(id).length > 0;

  it('semantics 3.1, 4.1: the plugin is killed after the request: the next run finds it by its mark', async () => {
    const id = declareOne('plugin-killed');
    const run = world.start(['up', '--yes', '--skip-preview']);
    await until('the isolation is requested', sent(id));
    for (const pid of pluginsOf(world)) process.kill(pid, 'SIGKILL');
    failed(await run.ended);
    expect(await world.state()).to.deep.equal({});
    world.control.advance('1h');
    succeeded(await world.up());
    expect(world.isolates(id)).to.have.length(1);
    expect((await world.state())['plugin-killed']).to.include({ state: 'isolated', owned: true });
  });

  it('the engine is killed: its plugin ends within five seconds and writes nothing more', async () => {
    const id = declareOne('engine-killed');
    const run = world.start(['up', '--yes', '--skip-preview']);
    await until('the isolation is requested', sent(id));
    const plugins = pluginsOf(world);
    expect(plugins).to.not.be.empty;
    run.kill('SIGKILL');
    await run.ended;
    const writes = world.writes();
    await until('the plugins have ended', () => !plugins.some(isRunning), 5_000);
    expect(world.writes()).to.equal(writes);
  });

  it('semantics 3.1: after it, cancel and up adopt the request: one isolate in all, and it is ours', async () => {
    const { id } = world.control.machine('engine-killed.contoso.com');
    tells(failed(await world.up()), 'pulumi cancel');
    succeeded(await world.pulumi(['cancel', '--yes']));
    world.control.advance('1h');
    succeeded(await world.up());
    expect(world.isolates(id)).to.have.length(1);
    expect((await world.state())['engine-killed']).to.include({ state: 'isolated', owned: true });
  });

  it('Ctrl-C once: done within five seconds, and what is known is kept', async () => {
    const id = declareOne('interrupted');
    const run = world.start(['up', '--yes', '--skip-preview']);
    await until('the isolation is requested', sent(id));
    const at = Date.now();
    run.kill('SIGINT');
    const text = failed(await run.ended);
    expect(Date.now() - at).to.be.below(5_000);
    const [action] = world.isolates(id);
    tells(text, /NOT CONTAINED YET: interrupted\.contoso\.com .*the run was cancelled/);
    expect((await world.state()).interrupted).to.include({ actionId: action?.id, state: 'isolating', owned: true });
    world.control.advance('1h');
    succeeded(await world.up());
    expect(world.isolates(id)).to.have.length(1);
    expect((await world.state()).interrupted).to.include({ state: 'isolated' });
  });

  it('semantics 5.2: Ctrl-C during a release keeps the host in state; the next destroy goes on with the same request', async () => {
    const { id } = world.control.setMachine('interrupted.contoso.com', { latencySeconds: { Unisolate: 1_800 } });
    const run = world.start(['destroy', '--yes', '--skip-preview']);
    await until('the release is requested', () => world.unisolates(id).length > 0);
    const at = Date.now();
    run.kill('SIGINT');
    const text = failed(await run.ended);
    expect(Date.now() - at).to.be.below(5_000);
    tells(text, /NOT RELEASED YET: interrupted\.contoso\.com .*the run was cancelled/);
    expect(Object.keys(await world.state())).to.include('interrupted');
    world.control.advance('1h');
    succeeded(await world.destroy());
    expect(world.unisolates(id)).to.have.length(1);
    expect(world.isIsolated(id)).to.equal(false);
  });
});
