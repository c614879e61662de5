import { expect } from 'chai';
import { failed, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('bad input: the declaration, on the real engine', () => {
  let world: World;
  let id: string;

  before(async () => {
    world = await makeWorld();
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
  });
  after(() => world.end());

  const rejected: readonly {
    readonly what: string;
    readonly properties: () => Record<string, unknown>;
    readonly words: readonly string[];
  }[] = [
    {
      what: 'a malformed machine id',
      properties: () => ({ machineId: `${id}0`, comment: 'INC-1' }),
      words: ['machineId', 'is no machine id: 40 hex digits'],
    },
    {
      what: 'a blank comment',
      properties: () => ({ machineId: id, comment: '  ' }),
      words: ['comment', 'is blank; say why the host is isolated'],
    },
    {
      what: 'a wrong isolationType',
      properties: () => ({ machineId: id, comment: 'INC-1', isolationType: 'selective' }),
      // The language host knows the schema, and tells the line in Pulumi.yaml too.
      words: ['isolationType', 'Full', 'Selective', 'on Pulumi.yaml line'],
    },
    {
      what: 'a new releaseAt in the past',
      properties: () => ({ machineId: id, comment: 'INC-1', releaseAt: '2020-01-01T00:00:00Z' }),
      words: ['releaseAt', 'is past; give a moment to come'],
    },
    {
      what: 'a property that does not exist',
      properties: () => ({ machineId: id, comment: 'INC-1', isolationtype: 'Full' }),
      words: ['Property isolationtype does not exist', 'isolationType', 'on Pulumi.yaml line'],
    },
    {
      what: 'neither machineId nor deviceName',
      properties: () => ({ comment: 'INC-1' }),
      words: ['machineId', 'deviceName', 'both are missing'],
    },
  ];

  for (const { what, properties, words } of rejected) {
    it(`${what} is refused by name, with what would be right, and nothing is sent`, async () => {
      world.declare({ pc: { properties: properties() } });
      tells(failed(await world.up()), ...words);
      expect(world.writes()).to.equal(0);
      expect(await world.state()).to.deep.equal({});
    });
  }
});

describe('bad input: the host, on the real engine', () => {
  let world: World;
  let text: string;
  const unknown = 'ab'.repeat(20);

  before(async () => {
    world = await makeWorld();
    const add = (name: string, more: Record<string, unknown> = {}) =>
      world.control.addMachine({ computerDnsName: `${name}.contoso.com`, ...more }).id;
    for (let twin = 0; twin < 2; twin += 1) add('twin');
    const comment = 'INC-1';
    world.declare({
      unknown: { properties: { machineId: unknown, comment } },
      nameless: { properties: { deviceName: 'nobody.contoso.com', comment } },
      twins: { properties: { deviceName: 'twin.contoso.com', comment } },
      strange: { properties: { machineId: add('strange', { onboardingStatus: 'CanBeOnboarded' }), comment } },
      phone: { properties: { machineId: add('phone', { osPlatform: 'Android' }), comment } },
      old: { properties: { machineId: add('old', { osPlatform: 'Windows7' }), comment } },
      linux: {
        properties: { machineId: add('linux', { osPlatform: 'Linux' }), comment, isolationType: 'Selective' },
      },
    });
    text = failed(await world.up('--continue-on-error'));
  });
  after(() => world.end());

  it('an unknown machine id', () => tells(text, unknown, 'Defender knows no machine with this id (404)'));

  it('an unknown device name', () =>
    tells(text, 'no machine is named nobody.contoso.com', 'Give the whole name as Defender shows it'));

  it('semantics 6.1: an ambiguous device name lists id, last seen and health of each', () => {
    tells(text, 'deviceName twin.contoso.com is ambiguous', 'Declare the machineId of the one that is meant');
    for (const { id, computerDnsName } of world.control.machines()) {
      if (computerDnsName === 'twin.contoso.com') tells(text, new RegExp(`${id} \\(last seen \\d{4}-[^)]*, Active\\)`));
    }
  });

  it('a device that is not onboarded', () => tells(text, /strange\.contoso\.com .*onboard/));

  it('an operating system that cannot be isolated', () =>
    tells(text, /phone\.contoso\.com .*Defender cannot isolate Android devices/));

  it('an operating system that the service refuses', () => tells(text, /old\.contoso\.com .*OsPlatformNotSupported/));

  it('an operating system that cannot be isolated selectively', () =>
    tells(text, /linux\.contoso\.com .*isolationType: Linux supports Full isolation only/));

  it('nothing is isolated, and nothing of it is in state', async () => {
    expect(world.isolates()).to.deep.equal([]);
    expect(await world.state()).to.deep.equal({});
  });
});
