import { expect } from 'chai';
import { succeeded } from './outcome.ts';
import { makeWorld, type StateResource, type World } from './world.ts';

const hosts = 100;

describe('many resources at once, on the real engine', () => {
  let world: World;

  before(async () => {
    world = await makeWorld();
    const names = Array.from({ length: hosts }, (_, at) => `pc-${at}.contoso.com`);
    const [first = '', ...others] = names.map((computerDnsName) => world.control.addMachine({ computerDnsName }).id);
    world.declare({ h0: { properties: { machineId: first, comment: 'INC-1' } } });
    succeeded(await world.up());
    for (const id of others) world.control.isolate(id, {});
    world.control.advance('10m');
    // One real resource, multiplied: a hundred creations would say nothing more.
    await world.editState((resources) => {
      const real = resources.find((each) => each.id === first);
      if (real === undefined) throw new Error('the first resource is not in state');
      return [...resources, ...others.map((id, at) => copyFor(real, id, `h${at + 1}`))];
    });
    world.control.resetStatistics();
  });
  after(() => world.end());

  function copyFor(real: StateResource, id: string, name: string): StateResource {
    const { computerDnsName } = world.control.machine(id);
    const [action] = world.isolates(id);
    const told = { machineId: id, deviceName: computerDnsName, actionId: action?.id, requestor: action?.requestor };
    return {
      ...real,
      id,
      urn: real.urn.replace(/::h0$/, `::${name}`),
      inputs: { ...real.inputs, machineId: id },
      outputs: { ...real.outputs, ...told },
    };
  }

  const reads = () => {
    const routes = Object.entries(world.control.statistics().byRoute);
    return routes.reduce((sum, [route, count]) => (route.startsWith('GET ') ? sum + count : sum), 0);
  };

  it('a refresh of a hundred hosts takes a handful of list calls', async () => {
    succeeded(await world.refresh());
    expect(reads(), JSON.stringify(world.control.statistics().byRoute)).to.be.at.most(6);
    expect(world.writes()).to.equal(0);
    const states = Object.values(await world.state());
    expect(states).to.have.length(hosts);
    for (const outputs of states) expect(outputs.state).to.equal('isolated');
  });
});
