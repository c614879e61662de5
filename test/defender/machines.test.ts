import { expect } from 'chai';
import fc from 'fast-check';
import { nameKey, nameSpellings, parseMachine } from '../../provider/defender/machines.ts';
import { machineBody, machineId } from './entities.ts';

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
