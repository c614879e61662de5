import { expect } from 'chai';
import fc from 'fast-check';
import type { Machine } from '../../provider/defender/machine.ts';
import {
  byNameThenId,
  fitsSearch,
  isServicesOwn,
  machineFilter,
  nameKey,
  nameSpellings,
  parseMachine,
} from '../../provider/defender/machines.ts';
import { machineBody, machineId, otherMachineId } from './entities.ts';

describe('a machine', () => {
  it('is read with the fields that it has, and no others', () => {
    expect(parseMachine(machineBody())).to.deep.equal({
      id: machineId,
      computerDnsName: 'laptop-7.contoso.com',
      osPlatform: 'Windows11',
      version: '23H2',
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      deviceValue: 'Normal',
      machineTags: ['floor-3'],
      firstSeen: '2025-08-02T14:55:03.7791856Z',
      lastSeen: '2026-01-05T09:55:03.7791856Z',
      lastIpAddress: '10.0.0.7',
      ipAddresses: [{ macAddress: '0A1B2C3D4E5F' }],
    });
    expect(parseMachine({ id: machineId.toUpperCase() })).to.deep.equal({ id: machineId });
  });

  it('is none without an id of 40 hex characters', () => {
    for (const id of [undefined, null, 7, '', 'laptop-7', machineId.slice(1), `${machineId}0`]) {
      expect(parseMachine(machineBody({ id })), String(id)).to.equal(undefined);
    }
    for (const value of [null, undefined, [], 'x', 7]) expect(parseMachine(value)).to.equal(undefined);
  });

  it('leaves fields of odd types out', () => {
    const machine = parseMachine(
      machineBody({ osPlatform: 11, machineTags: ['a', 7, null], ipAddresses: [null, { ipAddress: 7 }, 'x'] }),
    );
    expect(machine).not.to.have.property('osPlatform');
    expect(machine?.machineTags).to.deep.equal(['a']);
    expect(machine?.ipAddresses).to.deep.equal([]);
  });

  it('keeps each network card once, and of its addresses what is read', () => {
    const card = { macAddress: '0A1B2C3D4E5F', type: 'Ethernet' };
    const ipAddresses = [{ ...card, ipAddress: '10.0.0.7' }, { ...card, ipAddress: 'fe80::1' }, { ipAddress: '::1' }];
    expect(parseMachine(machineBody({ ipAddresses }))?.ipAddresses).to.deep.equal([{ macAddress: '0A1B2C3D4E5F' }]);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(machineBody())), fc.anything()), (changes) => {
        parseMachine(machineBody(changes));
      }),
    );
  });

  it('has the same name as another whose name differs in case alone (semantics 6.1)', () => {
    expect(nameKey('Laptop-7.contoso.com')).to.equal(nameKey('laptop-7.CONTOSO.com'));
    for (const other of ['laptop-7', 'laptop-7.contoso.com.example', 'laptop-77.contoso.com', ''])
      expect(nameKey('Laptop-7.contoso.com'), other).not.to.equal(nameKey(other));
  });

  it('is asked for as given and in lower case', () => {
    expect(nameSpellings('LAPTOP-7')).to.deep.equal(['LAPTOP-7', 'laptop-7']);
    expect(nameSpellings('laptop-7')).to.deep.equal(['laptop-7']);
  });
});

describe('a search for machines', () => {
  const machine = parseMachine(
    machineBody({ riskScore: 'High', exposureLevel: 'Low', rbacGroupName: 'Floor 3' }),
  ) as Machine;
  const fitting = {
    namePrefix: 'LAPTOP-',
    tag: 'Floor-3',
    healthStatus: 'Active',
    onboardingStatus: 'Onboarded',
    osPlatform: 'Windows11',
    riskScore: 'High',
    exposureLevel: 'Low',
    deviceValue: 'Normal',
    rbacGroupName: 'floor 3',
    seenSince: Date.UTC(2026, 0, 5, 9, 55),
  };

  it('asks the service for all that it can tell, each value in its literal', () => {
    expect(machineFilter(fitting)).to.equal(
      "(startswith(computerDnsName,'LAPTOP-') or startswith(computerDnsName,'laptop-'))" +
        " and machineTags/any(item: item eq 'Floor-3' or item eq 'floor-3')" +
        " and healthStatus eq 'Active' and onboardingStatus eq 'Onboarded' and osPlatform eq 'Windows11'" +
        " and riskScore eq 'High' and exposureLevel eq 'Low' and deviceValue eq 'Normal'" +
        ' and lastSeen ge 2026-01-05T09:55:00.000Z',
    );
    expect(machineFilter({})).to.equal(undefined);
    expect(machineFilter({ osPlatform: "x' or 1 eq 1" })).to.equal("osPlatform eq 'x'' or 1 eq 1'");
  });

  it('reads past machines that do not fit where the service cannot tell by the device group', () => {
    expect(machineFilter({ rbacGroupName: 'Floor 3' })).to.equal(undefined);
    expect(isServicesOwn({ rbacGroupName: 'Floor 3' })).to.equal(false);
    expect(isServicesOwn({ ...fitting, rbacGroupName: undefined })).to.equal(true);
  });

  it('takes a machine only where everything fits, whatever the service filtered', () => {
    expect(fitsSearch(machine, fitting)).to.equal(true);
    expect(fitsSearch(machine, {})).to.equal(true);
    const others = {
      namePrefix: 'desktop-',
      tag: 'floor',
      healthStatus: 'Inactive',
      onboardingStatus: 'Unsupported',
      osPlatform: 'Windows10',
      riskScore: 'Low',
      exposureLevel: 'High',
      deviceValue: 'High',
      rbacGroupName: 'Floor',
      seenSince: Date.UTC(2026, 0, 5, 9, 56),
    };
    for (const [name, value] of Object.entries(others)) {
      expect(fitsSearch(machine, { ...fitting, [name]: value }), name).to.equal(false);
      expect(fitsSearch({ id: machine.id }, { [name]: value }), `${name} that is not known`).to.equal(false);
    }
  });

  it('is told in the order of names, then ids; those without a name last', () => {
    const named = (id: string, computerDnsName?: string) => parseMachine({ id, computerDnsName }) as Machine;
    const sorted = [named(otherMachineId), named(otherMachineId, 'b'), named(machineId, 'B'), named(machineId, 'a')]
      .sort(byNameThenId)
      .map(({ id, computerDnsName }) => [computerDnsName, id === machineId]);
    expect(sorted).to.deep.equal([
      ['a', true],
      ['B', true],
      ['b', false],
      [undefined, false],
    ]);
  });
});
