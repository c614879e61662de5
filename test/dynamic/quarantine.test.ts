import { expect } from 'chai';
import { createDefender } from '../../provider/defender/client.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import { type DynamicProvider, dynamicProvider } from '../../provider/dynamic/adapter.ts';
import { providerText } from '../../provider/dynamic/hidden-inputs.ts';
import { Redaction } from '../../provider/redaction.ts';
import { createProvider } from '../../provider/resources/create-provider.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { inWorld, type World } from '../resources/host.ts';

type Values = Record<string, unknown>;

const declaration = {
  project: 'soc',
  stack: 'dev',
  type: 'mde:index:Quarantine',
  name: 'fleet',
  key: 'urn:pulumi:dev::soc::pulumi-nodejs:dynamic/mde:Quarantine::fleet',
};
const inPreview = { __preview: unknownString };

function inputs(declared: Values, more: Values = {}): Values {
  return { ...declared, __provider: providerText, __declaration: declaration, ...more };
}

describe('a Quarantine of the dynamic class, over the real resource', () => {
  let world: World;
  let names: readonly string[];

  /** A test in a world of its own, with ten hosts. */
  const inFleet = (test: () => Promise<void>) => () =>
    inWorld({}, (made) => {
      world = made;
      names = Array.from({ length: 10 }, () => world.control.machine(world.host()).computerDnsName);
      return test();
    });

  const manifest = (hosts: readonly string[], guardrails = '') =>
    `version: 1\ncomment: INC-1\n${guardrails}hosts:\n${hosts.map((name) => `  - deviceName: ${name}\n`).join('')}`;

  /** A process of the dynamic host: what happens in it, and what it printed. */
  async function host<T>(work: (provider: DynamicProvider) => Promise<T>): Promise<{ result: T; lines: string }> {
    const { simulator } = world;
    const lines: string[] = [];
    const config: Values = {
      apiUrl: simulator.apiUrl,
      authorityHost: simulator.authorityHost,
      ...simulator.credentials,
    };
    const result = await world.drive(async ({ clock, timer }) => {
      const provider = dynamicProvider({
        createProvider: () =>
          createProvider(
            (settings) =>
              createDefender(settings, {
                ...systemPorts(),
                env: {},
                random: () => 0.5,
                // Tokens live by the real time, which is the sign-in library's.
                clock: { monotonic: clock.monotonic, wall: () => Date.now() },
                timer,
              }),
            { clock, timer },
          ),
        output: { out: (line) => lines.push(line), error: (line) => lines.push(line) },
        redaction: new Redaction(),
        engineGone: new AbortController().signal,
      });
      await provider.configure({ config: { get: (name) => config[name.replace('mde:', '')] } });
      return work(provider);
    });
    return { result, lines: lines.join('\n') };
  }

  /** State of a set of all ten hosts, isolated. */
  async function isolated(): Promise<Values> {
    const { result } = await host(async (provider) => {
      const checked = await provider.check({}, inputs({ manifest: manifest(names) }));
      expect(checked.failures).to.deep.equal([]);
      return provider.create(checked.inputs);
    });
    expect(world.writes()).to.equal(10);
    return { ...result.outs, __provider: providerText };
  }

  /** The inputs of the last run, as the engine hands them to check. */
  const remembered = (state: Values) => inputs(state.__inputs as Values);

  /** Check, then diff, as the engine does for what is in state. */
  async function differ(state: Values, text: string, more: Values = {}) {
    return host(async (provider) => {
      const checked = await provider.check(remembered(state), inputs({ manifest: text }, more));
      expect(checked.failures).to.deep.equal([]);
      return provider.diff('dev/fleet', state, checked.inputs);
    });
  }

  async function failure(work: Promise<unknown>): Promise<Error> {
    try {
      await work;
    } catch (error) {
      return error as Error;
    }
    throw new Error('it succeeded, but should have failed');
  }

  it(
    'in preview, check lists the hosts to isolate with the reason of each, and sends nothing',
    inFleet(async () => {
      const { result, lines } = await host((provider) =>
        provider.check({}, inputs({ manifest: manifest(names) }, inPreview)),
      );
      expect(result.failures).to.deep.equal([]);
      expect(lines).to.include('isolate 10, unchanged 0 of 10').and.to.include(`${names[0]}: it is not isolated`);
      expect(world.writes()).to.equal(0);
    }),
  );

  it(
    'semantics 8.1, 8.5: in preview, check refuses more new isolations than the guardrails allow',
    inFleet(async () => {
      const text = manifest(names, 'guardrails: { maxIsolations: 4 }\n');
      const { result } = await host((provider) => provider.check({}, inputs({ manifest: text }, inPreview)));
      expect(result.failures.map(({ reason }) => reason).join()).to.include('guardrails.maxIsolations');
      const forReal = await host((provider) => provider.check({}, inputs({ manifest: text })));
      expect(forReal.result.failures, 'it must not hold up the others').to.deep.equal([]);
      expect(world.writes()).to.equal(0);
    }),
  );

  it(
    'semantics 8.2: in preview, check refuses a protected host by name',
    inFleet(async () => {
      world.control.setMachine(names[3] ?? '', { machineTags: ['mde-protected'] });
      const { result } = await host((provider) => provider.check({}, inputs({ manifest: manifest(names) }, inPreview)));
      expect(result.failures.map(({ reason }) => reason).join())
        .to.include(names[3])
        .and.to.include('mde-protected');
    }),
  );

  it(
    'tells every mistake of a manifest with line and column, and gives the engine no text to print',
    inFleet(async () => {
      const text = 'version: 1\ncomment: INC-1\nhosts:\n  - deviceNam: pc-1.contoso.com\n  - machineId: zzz\n';
      const { result } = await host((provider) => provider.check({}, inputs({ manifest: text })));
      expect(result.failures.map(({ property, reason }) => [property, reason.split(': ', 3).join(': ')])).to.deep.equal(
        [
          ['', 'manifest: line 4, column 5: hosts[0].deviceNam'],
          ['', 'manifest: line 5, column 5: hosts[1].machineId'],
        ],
      );
    }),
  );

  it(
    'semantics 8.1, 8.5: in preview, diff refuses the release of many, names them, and prints the override',
    inFleet(async () => {
      const state = await isolated();
      const refused = await failure(differ(state, manifest(names.slice(0, 4)), inPreview));
      expect(refused.message)
        .to.include(`6 hosts: ${names.slice(4).join(', ')}`)
        .and.to.include('the guardrails allow 2')
        .and.to.match(/guardrails: { allowReleases: "6-[0-9a-f]{8}" } in the manifest/);
      const [, override = ''] = /allowReleases: "([^"]+)"/.exec(refused.message) ?? [];
      const allowed = await differ(
        state,
        manifest(names.slice(0, 4), `guardrails: { allowReleases: ${override} }\n`),
        inPreview,
      );
      expect(allowed.result).to.deep.equal({ changes: true });
      expect(world.writes()).to.equal(10);
    }),
  );

  it(
    'semantics 8.5: outside of a preview the update isolates what was added, releases none, and says so',
    inFleet(async () => {
      const state = await isolated();
      const extra = world.control.machine(world.host()).computerDnsName;
      const { result } = await host(async (provider) => {
        const checked = await provider.check(
          remembered(state),
          inputs({ manifest: manifest([...names.slice(0, 4), extra]) }),
        );
        expect(await provider.diff('dev/fleet', state, checked.inputs)).to.deep.equal({ changes: true });
        return failure(provider.update('dev/fleet', state, checked.inputs));
      });
      expect(result.message).to.include('this run would release 6 hosts');
      expect(world.requests('Unisolate')).to.have.length(0);
      expect(world.isolated(world.control.machine(extra).id)).to.equal(true);
      const { properties } = result as unknown as { properties: Values };
      expect(Object.keys(properties.hosts as Values), 'state keeps them all').to.have.members([...names, extra]);
      expect(properties.__provider).to.equal(providerText);
    }),
  );

  it(
    'design 4.2: diff reads the service: a release by hand is a difference, told with its host',
    inFleet(async () => {
      const state = await isolated();
      expect((await differ(state, manifest(names))).result).to.deep.equal({ changes: false });
      world.control.unisolate(names[2] ?? '', { comment: 'by hand' });
      world.pass('10m');
      const { result, lines } = await differ(state, manifest(names));
      expect(result).to.deep.equal({ changes: true });
      expect(lines).to.include(names[2]).and.to.include('it was released by');
    }),
  );

  it(
    'semantics 8.4: delete is refused as a whole, and nothing is sent',
    inFleet(async () => {
      const state = await isolated();
      const refused = await host((provider) => failure(provider.delete('dev/fleet', state)));
      expect(refused.result.message).to.include('this run would release 10 hosts');
      expect(world.requests('Unisolate')).to.have.length(0);
    }),
  );
});
