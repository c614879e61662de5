import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, type World } from './world.ts';

describe('a change of configuration in the same run, on the real engine', () => {
  let world: World;
  const names = ['pc-1', 'pc-2', 'pc-3', 'pc-4'];
  const hosts = (...kept: string[]): Record<string, Declared> =>
    Object.fromEntries(
      kept.map((name) => [name, { properties: { deviceName: `${name}.contoso.com`, comment: 'INC-1' } }]),
    );

  before(async () => {
    world = await makeWorld();
    for (const name of names) world.control.addMachine({ computerDnsName: `${name}.contoso.com` });
    world.declare(hosts(...names));
    succeeded(await world.up());
  });
  after(() => world.end());

  let override: string;

  it('semantics 8.1: releases are judged together all the same: none is sent where not all fit', async () => {
    world.declare(hosts('pc-1'), { guardrails: { maxReleases: 2 } });
    const text = failed(await world.up());
    tells(text, 'would release 3 hosts', 'the guardrails allow 1', '4 hosts are contained, for certain until');
    override = /mde:allowReleases (\S+)/.exec(text)?.[1] ?? '';
    expect(world.unisolates()).to.have.length(0);
  });

  it('semantics 8.4: the printed override is in force in the run that follows it', async () => {
    world.declare(hosts('pc-1'), { guardrails: { maxReleases: 2 }, allowReleases: override });
    tells(succeeded(await world.up()), 'released: 3 (', '1 host is contained, for certain until');
    expect(names.filter((name) => world.isIsolated(`${name}.contoso.com`))).to.deep.equal(['pc-1']);
  });

  it('state has the new settings', async () => {
    const { deployment } = JSON.parse(await world.exportState());
    const provider = deployment.resources.find(({ type }: { type: string }) => type === 'pulumi:providers:mde');
    expect(provider.inputs).to.include({ allowReleases: override });
    succeeded(await world.up('--expect-no-changes'));
  });
});
