import { expect } from 'chai';
import { FastStack } from '../../bench/fast-stack.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';

describe('a stack over the plugin in fast time', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let stack: FastStack;
  const names = ['pc-1.contoso.com', 'pc-2.contoso.com'];
  const manifest = [
    'version: 1',
    'comment: INC-1',
    'hosts:',
    ...names.map((name) => `  - deviceName: ${name}`),
    '',
  ].join('\n');
  const posts = () =>
    simulator.control.requests().filter(({ method, route }) => method === 'POST' && route !== 'token');

  before(async () => {
    simulator = await startSimulator({ speed: 0 });
    stack = new FastStack(simulator, 200);
    for (const computerDnsName of names) simulator.control.addMachine({ computerDnsName });
  });
  after(async () => {
    await stack.end();
    await simulator.stop();
  });

  it('isolates, and finds all in order by what state holds, in the same process and in the next', async () => {
    expect(await stack.preview(manifest)).to.deep.equal([]);
    expect(posts()).to.have.length(0);
    expect(await stack.up(manifest)).to.deep.equal([]);
    expect(posts()).to.have.length(2);
    simulator.control.advance('1h');
    expect(await stack.up(manifest)).to.deep.equal([]);
    await stack.kill();
    expect(await stack.up(manifest)).to.deep.equal([]);
    expect(posts()).to.have.length(2);
  });

  it('keeps what a failure leaves behind, and says why', async () => {
    const more = `${manifest}  - deviceName: pc-3.contoso.com\n`;
    expect((await stack.up(more)).join()).to.include('no machine is named pc-3.contoso.com');
    simulator.control.addMachine({ computerDnsName: 'pc-3.contoso.com' });
    simulator.control.advance('1h');
    expect(await stack.up(more)).to.deep.equal([]);
    expect(posts()).to.have.length(3);
  });

  it('tells the memory of the process', async () => {
    const { rss, heapUsed } = await stack.memory();
    expect(rss).to.be.greaterThan(heapUsed);
    expect(heapUsed).to.be.greaterThan(1024 * 1024);
  });
});
