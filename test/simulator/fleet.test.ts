import { expect } from 'chai';
import { createFleet, type FleetMachine } from '../../simulator/fleet.ts';

const now = Date.UTC(2026, 0, 15);

describe('the made-up fleet', () => {
  const fleet = createFleet({ count: 2000, seed: 7, now });
  const share = (test: (machine: FleetMachine) => boolean): number => fleet.filter(test).length / fleet.length;

  it('is the same for the same seed, and another for another', () => {
    expect(createFleet({ count: 2000, seed: 7, now })).to.deep.equal(fleet);
    expect(createFleet({ count: 1, seed: 8, now })[0]?.id).not.to.equal(fleet[0]?.id);
  });

  it('begins the same whatever its size', () => {
    expect(createFleet({ count: 10, seed: 7, now })).to.deep.equal(fleet.slice(0, 10));
    expect(createFleet({ count: 0, seed: 7, now })).to.deep.equal([]);
  });

  it('has ids of forty hex digits, each once', () => {
    for (const { id } of fleet) expect(id).to.match(/^[0-9a-f]{40}$/);
    expect(new Set(fleet.map(({ id }) => id)).size).to.equal(fleet.length);
  });

  it('has clients, servers, Linux and macOS', () => {
    const platforms = new Set(fleet.map(({ properties }) => properties.osPlatform));
    expect([...platforms].sort()).to.deep.equal([
      'Linux',
      'Windows10',
      'Windows11',
      'WindowsServer2019',
      'WindowsServer2022',
      'macOS',
    ]);
  });

  it('has some machines away, some silent for long, some never onboarded', () => {
    const week = 7 * 86_400_000;
    expect(share(({ online }) => online)).to.be.within(0.75, 0.9);
    expect(share(({ offlineSince = now }) => now - offlineSince > week)).to.be.within(0.02, 0.1);
    expect(share(({ properties }) => properties.onboardingStatus !== 'Onboarded')).to.be.within(0.01, 0.06);
    expect(fleet.every((one) => one.online || one.offlineSince !== undefined)).to.equal(true);
  });

  it('has silent twins that point to the machine that took their name', () => {
    const twins = fleet.filter(({ properties }) => properties.mergedIntoMachineId !== null);
    expect(twins).not.to.have.length(0);
    for (const twin of twins) {
      const current = fleet.find(({ id }) => id === twin.properties.mergedIntoMachineId);
      expect(current?.properties.computerDnsName).to.equal(twin.properties.computerDnsName);
      expect(twin.online).to.equal(false);
    }
  });

  it('gives every other machine a name of its own', () => {
    const own = fleet.filter(({ properties }) => properties.mergedIntoMachineId === null);
    expect(new Set(own.map(({ properties }) => properties.computerDnsName)).size).to.equal(own.length);
  });

  it('has tags, and devices of high value', () => {
    expect(share(({ properties }) => properties.machineTags.length > 0)).to.be.greaterThan(0.3);
    expect(share(({ properties }) => properties.deviceValue === 'High')).to.be.within(0.01, 0.1);
    expect(fleet.some(({ properties }) => properties.machineTags.includes('domain-controller'))).to.equal(true);
  });
});
