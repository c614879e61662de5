import { expect } from 'chai';
import { nearName } from '../../provider/manifest/near-name.ts';

describe('the name that was meant', () => {
  const names = ['machineId', 'deviceName', 'comment', 'hosts', 'onDelete', 'waitFor'];
  const meant: readonly (readonly [string, string | undefined])[] = [
    ['machineid', 'machineId'],
    ['machine-id', 'machineId'],
    ['MACHINE_ID', 'machineId'],
    ['machinId', 'machineId'],
    ['devicesName', 'deviceName'],
    ['coment', 'comment'],
    ['commnet', 'comment'],
    ['host', 'hosts'],
    ['hsots', 'hosts'],
    ['osts', 'hosts'],
    ['onDelate', 'onDelete'],
    ['wait for', 'waitFor'],
    ['hoists!', 'hosts'],
    ['h', undefined],
    ['device', undefined],
    ['guests', undefined],
    ['', undefined],
    ['?!', undefined],
    ['comment'.repeat(1_000_000), undefined],
  ];
  for (const [given, name] of meant) {
    it(`of "${given.slice(0, 20)}" is ${name ?? 'none'}`, () => expect(nearName(given, names)).to.equal(name));
  }

  it('is the nearest of several', () => {
    expect(nearName('maxReleases', ['maxRelease', 'maxReleases'])).to.equal('maxReleases');
    expect(nearName('Selectiv', ['Selected', 'Selective'])).to.equal('Selective');
  });
});
