import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Here,
  noExtraProtection,
  type ProtectionPolicy,
  protectedBecause,
} from '../../provider/containment/protection.ts';
import type { Machine } from '../../provider/defender/machine.ts';
import { machineId } from './actions.ts';

const laptop: Machine = {
  id: machineId,
  computerDnsName: 'laptop-7.contoso.com',
  osPlatform: 'Windows11',
  deviceValue: 'Normal',
  machineTags: ['floor-3'],
  ipAddresses: [{ macAddress: '0A1B2C3D4E5F' }],
};
const elsewhere: Here = {
  hostname: 'runner-1',
  macAddresses: ['00:00:00:00:00:00', '02:42:ac:11:00:02'],
};

const judge = (
  changes: { [K in keyof Machine]?: Machine[K] | undefined },
  policy: Partial<ProtectionPolicy> = {},
  here = elsewhere,
  by: 'machineId' | 'deviceName' = 'machineId',
) => protectedBecause({ ...laptop, ...changes } as Machine, by, { ...noExtraProtection, ...policy }, here);

describe('protectedBecause', () => {
  it('semantics 8.2: nothing speaks against an ordinary laptop', () => {
    expect(judge({})).to.equal(undefined);
    expect(judge({}, {}, elsewhere, 'deviceName')).to.equal(undefined);
  });
  const rows: readonly [string, string | undefined][] = [
    ['deviceValue High', judge({ deviceValue: 'High' })],
    ['deviceValue HIGH', judge({ deviceValue: 'HIGH' })],
    ['the tag mde-protected', judge({ machineTags: ['x', 'MDE-Protected'] })],
    ['a tag of the policy', judge({ machineTags: ['Domain-Controller'] }, { tags: ['domain-controller'] })],
    ['an id of the policy', judge({}, { machineIds: [machineId.toUpperCase()] })],
    ['a name pattern of the policy', judge({}, { names: ['LAPTOP-*.contoso.com'] })],
    ['an OS platform of the policy', judge({}, { osPlatforms: ['windows11'] })],
    ['a server by its name', judge({ osPlatform: 'WindowsServer2022' }, {}, elsewhere, 'deviceName')],
    ['the machine we run on, by its name', judge({}, {}, { ...elsewhere, hostname: 'LAPTOP-7.contoso.com' })],
    ['the machine we run on, by its short name', judge({}, {}, { ...elsewhere, hostname: 'laptop-7' })],
    [
      'the machine we run on, known by its short name only',
      judge({ computerDnsName: 'laptop-7' }, {}, { ...elsewhere, hostname: 'laptop-7.corp.example' }),
    ],
    [
      'the machine we run on, by its network card',
      judge({}, {}, { ...elsewhere, macAddresses: ['0a:1b:2c:3d:4e:5f'] }),
    ],
  ];
  for (const [title, reason] of rows) {
    it(`semantics 8.2: ${title} protects`, () => expect(reason).to.be.a('string'));
  }
  it('semantics 8.2: a server by its machine id is not protected', () => {
    expect(judge({ osPlatform: 'WindowsServer2022' })).to.equal(undefined);
  });
  it('semantics 8.2: the same short name in another domain is another machine', () => {
    expect(judge({}, {}, { ...elsewhere, hostname: 'laptop-7.fabrikam.com' })).to.equal(undefined);
  });
  it('semantics 8.2: a card of zeros is no card', () => {
    expect(judge({ ipAddresses: [{ macAddress: '000000000000' }] })).to.equal(undefined);
  });
  describe('what cannot be evaluated protects', () => {
    const unknowns: readonly [string, string | undefined][] = [
      ['deviceValue', judge({ deviceValue: undefined })],
      ['tags', judge({ machineTags: undefined })],
      ['name, with name patterns', judge({ computerDnsName: undefined }, { names: ['dc-*'] })],
      ['OS platform, with platforms', judge({ osPlatform: undefined }, { osPlatforms: ['Linux'] })],
      ['OS platform, declared by name', judge({ osPlatform: undefined }, {}, elsewhere, 'deviceName')],
      ['name and network cards', judge({ computerDnsName: undefined, ipAddresses: undefined })],
    ];
    for (const [title, reason] of unknowns) {
      it(`semantics 8.2: unknown ${title}`, () => expect(reason).to.be.a('string'));
    }
    it('semantics 8.2: what no rule asks for need not be known', () => {
      expect(judge({ osPlatform: undefined })).to.equal(undefined);
      expect(judge({ computerDnsName: undefined })).to.equal(undefined);
      expect(judge({ ipAddresses: undefined })).to.equal(undefined);
    });
  });
  it('semantics 8.2: name patterns match as the same pattern written as a regular expression does', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.', '-'), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '.', '-', '*', '*'), maxLength: 8 });
    fc.assert(
      fc.property(letters, patterns, (name, pattern) => {
        const escaped = pattern.replace(/[.-]/g, '\\$&').replaceAll('*', '.*');
        const expected = new RegExp(`^${escaped}$`, 'i').test(name);
        expect(judge({ computerDnsName: name }, { names: [pattern] }) !== undefined).to.equal(expected);
      }),
      { numRuns: 3_000 },
    );
  });
});
