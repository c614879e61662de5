import { expect } from 'chai';
import { UserError } from '../../provider/fleet/user-error.ts';
import { lookupFunctions } from '../../provider/functions/functions.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import schema from '../../schema/schema.json' with { type: 'json' };

const functions = lookupFunctions(() => {
  throw new UserError('the provider was used before it was configured');
});
const id = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';

function called(name: string) {
  const found = functions.get(`mde:index:${name}`);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

describe('what functions are asked', () => {
  it('is what the schema says: the same functions, each with the same arguments', () => {
    expect([...functions.keys()]).to.have.members(Object.keys(schema.functions));
    for (const [token, { inputs }] of Object.entries(schema.functions)) {
      const names = Object.keys(inputs.properties);
      for (const name of names) {
        const failures = functions.get(token)?.check({ [name]: {} }) ?? [];
        expect(
          failures.find(({ reason }) => reason.includes('has no argument')),
          `${token} ${name}`,
        ).to.equal(undefined);
      }
      const [failure] = functions.get(token)?.check({ nonsense: true, machineId: id }) ?? [];
      expect(failure).to.include({ property: 'nonsense' });
      for (const name of names) expect(failure?.reason, token).to.include(name);
    }
  });

  const right: readonly (readonly [string, PropertyMap])[] = [
    ['getMachine', { machineId: id.toUpperCase() }],
    ['getMachine', { deviceName: ' laptop-7.contoso.com ', machineId: null }],
    ['getIsolation', { deviceName: 'LAPTOP-7' }],
    ['getMachines', {}],
    ['getMachines', { deviceNamePrefix: 'laptop-', healthStatus: 'Active', limit: 10_000 }],
    ['getMachines', { machineTag: "o'neill' or 1 eq 1", osPlatform: "'", seenSince: '2026-01-05T12:00:00+01:00' }],
    ['getIsolatedMachines', {}],
    ['getMachineActions', { types: ['Isolate', 'SomethingNew'], statuses: [], limit: 1 }],
  ];
  for (const [name, inputs] of right) {
    it(`${name} takes ${JSON.stringify(inputs)}`, () => expect(called(name).check(inputs)).to.deep.equal([]));
  }

  /** Function, arguments, and for each that is wrong what is told. */
  const wrong: readonly (readonly [string, PropertyMap, Readonly<Record<string, string>>])[] = [
    ['getMachine', {}, { machineId: 'both are missing' }],
    ['getMachine', { machineId: id, deviceName: 'pc' }, { deviceName: 'not both' }],
    ['getMachine', { machineId: 'laptop-7' }, { machineId: '"laptop-7" is no machine id: 40 hex digits' }],
    ['getMachine', { machineId: 12345 }, { machineId: 'put quotes around the machine id' }],
    ['getMachine', { deviceName: 'laptop-*' }, { deviceName: 'give the whole name' }],
    ['getMachine', { devicename: 'pc' }, { devicename: 'did you mean deviceName?', machineId: 'both are missing' }],
    ['getIsolation', { deviceName: "pc' or '1' eq '1" }, { deviceName: 'is no device name' }],
    ['getIsolation', { machineId: '' }, { machineId: 'is no machine id' }],
    ['getMachines', { deviceNamePrefix: 'lap*' }, { deviceNamePrefix: 'without wildcards, such as laptop-' }],
    ['getMachines', { deviceNamePrefix: '' }, { deviceNamePrefix: 'is no beginning of a device name' }],
    ['getMachines', { machineTag: ' ' }, { machineTag: 'is blank' }],
    ['getMachines', { machineTag: 7 }, { machineTag: 'put quotes around it' }],
    ['getMachines', { machineTag: 'a\u202eb' }, { machineTag: 'bidirectional override U+202E' }],
    ['getMachines', { healthStatus: 'active' }, { healthStatus: 'did you mean Active?' }],
    ['getMachines', { riskScore: 'Severe' }, { riskScore: 'none of None, Informational, Low, Medium, High' }],
    ['getMachines', { exposureLevel: 1 }, { exposureLevel: 'none of None, Low, Medium, High' }],
    ['getMachines', { onboardingStatus: 'onboarded' }, { onboardingStatus: 'did you mean Onboarded?' }],
    ['getMachines', { deviceValue: 'high' }, { deviceValue: 'did you mean High?' }],
    ['getMachines', { seenSince: '2026-02-30T00:00:00Z' }, { seenSince: 'no RFC 3339 moment with a zone' }],
    ['getMachines', { seenSince: 'yesterday' }, { seenSince: 'such as 2026-12-01T08:00:00Z' }],
    ['getMachines', { limit: 0 }, { limit: '"0" is no whole number from 1 to 10000' }],
    ['getMachines', { limit: 10_001, machineTags: [] }, { limit: 'from 1 to 10000', machineTags: 'mean machineTag?' }],
    ['getMachines', { limit: 2.5 }, { limit: 'no whole number' }],
    ['getIsolatedMachines', { limit: 5 }, { limit: 'it takes none' }],
    ['getMachineActions', { machineId: id, deviceName: 'pc' }, { deviceName: 'not both' }],
    ['getMachineActions', { types: 'Isolate' }, { types: 'must be a list' }],
    ['getMachineActions', { types: ['isolate', 'Unisolate'] }, { 'types[0]': 'did you mean Isolate?' }],
    ['getMachineActions', { statuses: ['Pending', 'Canceled'] }, { 'statuses[1]': 'did you mean Cancelled?' }],
    ['getMachineActions', { requestedSince: 7 }, { requestedSince: 'no RFC 3339 moment' }],
  ];
  for (const [name, inputs, told] of wrong) {
    it(`${name} refuses ${JSON.stringify(inputs)}, with the argument and what is right`, async () => {
      const failures = called(name).check(inputs);
      expect(failures.map(({ property }) => property)).to.have.members(Object.keys(told));
      for (const { property, reason } of failures) expect(reason).to.include(told[property]);
      const log = { info: () => {}, warn: () => {} };
      const ran = await called(name)
        .run({ signal: new AbortController().signal, log }, inputs)
        .catch((error: unknown) => error);
      expect(ran).to.be.instanceOf(UserError);
      expect((ran as UserError).message).to.match(new RegExp(`^${name}: \\w+(\\[\\d\\])?: `));
    });
  }
});
