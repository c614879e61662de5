import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Expression, parseFilter } from '../../simulator/odata/parse.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { CallFailed, type PluginUnderTest, startPlugin } from './fake-engine.ts';
import { secret } from './structs.ts';

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));
const limits = { perMinute: 100_000, perHour: 1_000_000 };
/** What no log or terminal may be told. */
const acting = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const command = /##(?:vso)?\[|^[^\S\n]*::/im;

/** Texts that mean something to a filter, a URL, JSON, or whoever reads along. */
const injections = [
  "x' or 1 eq 1 or computerDnsName eq 'y",
  "') or startswith(computerDnsName,'",
  "'",
  "''",
  "x') or machineTags/any(item: item ne '",
  '%27 or 1 eq 1',
  '%2527',
  'a&$filter=1 eq 1#',
  'a?$top=0',
  '$skip=1',
  'a+b c',
  '\\',
  '"}, "x": {"',
  'a\nb',
  'tab\there',
  'Zoë 测试 😀',
  '__proto__',
] as const;
const refused = ['\u0000', 'a\u001b[2J', 'a\u202eb', 'a\u2066b', '\u009b2J', '\u007f', '', '  '] as const;

describe('texts of somebody else, through the plugin', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let plugin: PluginUnderTest;

  async function started(type: string): Promise<PluginUnderTest> {
    const { apiUrl, authorityHost, credentials } = simulator;
    const { clientSecret, ...known } = credentials;
    return startPlugin({
      script,
      type,
      env: { NODE_EXTRA_CA_CERTS: simulator.environment().NODE_EXTRA_CA_CERTS ?? '' },
      config: { ...known, apiUrl, authorityHost, clientSecret: secret(clientSecret), rateLimits: limits },
    });
  }

  before(async () => {
    simulator = await startSimulator({ speed: 3_600, limits });
    plugin = await started('mde:index:MachineIsolation');
  });
  after(async () => {
    await plugin?.dispose();
    await simulator.stop();
  });

  /** Filters that arrived while `work` ran, by their routes, as the service reads them. */
  async function filtersDuring<T>(
    work: () => Promise<T>,
  ): Promise<{ result: T; filters: readonly Expression[]; urls: readonly string[] }> {
    const before = simulator.control.statistics().total;
    const result = await work();
    const urls = simulator.control
      .requests()
      .slice(before)
      .filter(({ route }) => route.startsWith('GET '))
      .map(({ url }) => url);
    const filters = urls.map((url) => {
      const { searchParams } = new URL(url, 'https://localhost');
      // Nothing of a text became an option of the query.
      for (const name of searchParams.keys())
        expect(['$filter', '$orderby', '$top', '$skip', '$count']).to.include(name);
      expect(searchParams.getAll('$filter')).to.have.length(1);
      return parseFilter(searchParams.get('$filter') ?? '');
    });
    return { result, filters, urls };
  }

  /** All string literals of a filter. */
  function literals(expression: unknown): readonly string[] {
    if (typeof expression !== 'object' || expression === null) return [];
    if (Array.isArray(expression)) return expression.flatMap(literals);
    const { kind, value } = expression as { kind?: string; value?: unknown };
    if (kind === 'string') return [String(value)];
    return Object.values(expression).flatMap(literals);
  }

  /** The operators and functions of a filter, without what is compared. */
  function shape(expression: unknown): unknown {
    return JSON.parse(
      JSON.stringify(expression, (key, value: unknown) => {
        if (key === 'at') return undefined;
        const isLiteral = typeof value === 'object' && value !== null && 'kind' in value && 'value' in value;
        return isLiteral ? value.kind : value;
      }),
    );
  }

  it('a text to filter by arrives as one literal and finds what bears it, and nothing else', async () => {
    const shapes = new Map<string, unknown>();
    for (const text of injections) {
      const { id } = simulator.control.addMachine({ machineTags: [text], osPlatform: 'Windows11' });
      simulator.control.addMachine({ machineTags: ['other'] });
      const byTag = await filtersDuring(() => plugin.invoke('mde:index:getMachines', { machineTag: text }));
      expect(byTag.result.failures, text).to.deep.equal([]);
      const found = (byTag.result.result?.machines ?? []) as readonly { machineId: string }[];
      expect(
        found.map(({ machineId }) => machineId),
        text,
      ).to.deep.equal([id]);
      const byPlatform = await filtersDuring(() => plugin.invoke('mde:index:getMachines', { osPlatform: text }));
      expect(byPlatform.result.result?.machines, text).to.deep.equal([]);
      const byType = await filtersDuring(() => plugin.invoke('mde:index:getMachineActions', { types: [text] }));
      expect(byType.result.result?.actions, text).to.deep.equal([]);
      for (const [what, { filters }] of Object.entries({ byTag, byPlatform, byType })) {
        const [filter, ...more] = filters;
        expect(more, `${what} ${text}`).to.deep.equal([]);
        const known = literals(filter);
        expect(new Set(known.map((each) => each.toLowerCase())), `${what} ${text}`).to.deep.equal(
          new Set([text.toLowerCase()]),
        );
        // Every text makes the same question of one or two spellings.
        const key = `${what} ${known.length}`;
        shapes.set(key, shapes.get(key) ?? shape(filter));
        expect(shape(filter), `${what} ${text}`).to.deep.equal(shapes.get(key));
      }
    }
  });

  it('a text that could repaint a log is refused with its argument, and nothing is asked', async () => {
    for (const text of refused) {
      for (const args of [
        { machineTag: text },
        { osPlatform: text },
        { rbacGroupName: text },
        { deviceNamePrefix: text },
      ]) {
        const { result, filters } = await filtersDuring(() => plugin.invoke('mde:index:getMachines', args));
        const [failure] = result.failures;
        expect(argumentOf(failure), JSON.stringify(args)).to.equal(Object.keys(args)[0]);
        expect(failure?.reason).to.match(/\S/).and.not.to.match(acting);
        expect(filters).to.deep.equal([]);
      }
    }
  });

  it('a device name holds nothing that a filter could read, or it is refused: beginnings and wildcards too', async () => {
    for (const deviceName of [...injections.slice(0, 14), 'pc-*', 'pc-1.contoso.com/isolate', '../machines', 'a b']) {
      for (const call of [
        () => plugin.invoke('mde:index:getMachine', { deviceName }),
        () => plugin.invoke('mde:index:getIsolation', { deviceName }),
        () => plugin.check('pc', { deviceName, comment: 'INC-1' }),
      ]) {
        const { result, filters } = await filtersDuring<{ failures: readonly { property: string; reason: string }[] }>(
          call,
        );
        expect(result.failures.map(argumentOf), deviceName).to.include('deviceName');
        for (const { reason } of result.failures) expect(reason).not.to.match(acting);
        expect(filters).to.deep.equal([]);
      }
    }
  });

  it('semantics 3.1: a comment arrives behind the mark of its own resource, on one line, or is refused', async () => {
    const forged = `[mde:${'0'.repeat(16)}] dev/other: mine`;
    const comments = [
      ...injections,
      forged,
      `${forged}\n${forged}`,
      '::error::x',
      '##vso[task.complete]',
      'mde-hold',
      'x'.repeat(5_000),
    ];
    for (const comment of comments) {
      const { id } = simulator.control.addMachine();
      const { inputs, failures } = await plugin.check('pc', { machineId: id, comment, waitFor: 'Submitted' });
      expect(failures, comment).to.deep.equal([]);
      const created = await plugin.create('pc', inputs);
      expect(created.properties.comment ?? comment).to.equal(comment);
      const [action, ...more] = simulator.control.actions({ machine: id });
      expect(more).to.deep.equal([]);
      const sent = action?.requestorComment ?? '';
      const [, mark, told] = /^\[mde:([0-9a-f]{16})\] dev\/pc: (.*)$/u.exec(sent) ?? [];
      expect(mark, sent).to.be.a('string').and.not.equal('0'.repeat(16));
      const line = comment.replace(/[\n\t]+/g, ' ').trim();
      if (comment.length < 400) expect(told).to.equal(line);
      else expect(line.startsWith((told ?? '').replace(/…$/, ''))).to.equal(true);
    }
    for (const comment of refused) {
      const { failures } = await plugin.check('pc', { machineId: '0'.repeat(40), comment });
      expect(failures.map(argumentOf)).to.deep.equal(['comment']);
      for (const { reason } of failures) expect(reason).not.to.match(acting);
    }
  });

  it('what the service says of names, people and comments reaches no log, error or reason as more than words', async () => {
    const evil = 'x\u202e\u001b[2J\r\n::error::y\n##vso[task.setvariable variable=a]b\u2028\u009b\u0007';
    const own = await started('mde:index:MachineIsolation');
    try {
      const told: string[] = [];
      const failed = async (work: () => Promise<unknown>) => {
        await work().catch((error: unknown) => {
          if (!(error instanceof CallFailed)) throw error;
          told.push(error.message, ...(error.initFailed?.reasons ?? []));
        });
      };
      const host = (changes: object = {}) =>
        simulator.control.addMachine({ computerDnsName: `${evil}.contoso.com`, ...changes }).id;
      const declared = (machineId: string) => ({ machineId, comment: 'INC-1', isolationType: 'Full' });
      const plain = host();
      const isolated = host();
      simulator.control.isolate(isolated, { by: evil, comment: evil, latencySeconds: 0 });
      const releasing = host();
      simulator.control.isolate(releasing, { by: evil, comment: `mde-hold ${evil}`, latencySeconds: 0 });
      simulator.control.unisolate(releasing, { by: evil, comment: `mde-hold ${evil}`, latencySeconds: 0 });
      const valued = host({ deviceValue: 'High' });
      const old = host({ osPlatform: evil });
      const gone = host({ onboardingStatus: evil, healthStatus: evil });
      for (const machineId of [plain, isolated, releasing, valued, old, gone]) {
        const { inputs } = await own.check(`pc-${machineId}`, declared(machineId));
        await failed(() => own.create(`pc-${machineId}`, inputs, { preview: true }));
        await failed(async () => {
          const { properties } = await own.create(`pc-${machineId}`, inputs, { timeout: 30 });
          const read = await own.read(`pc-${machineId}`, machineId, { outputs: properties, inputs });
          await own.diff(`pc-${machineId}`, machineId, read.properties ?? {}, inputs, {
            ...inputs,
            isolationType: 'Selective',
          });
          await failed(() =>
            own.update(
              `pc-${machineId}`,
              machineId,
              read.properties ?? {},
              inputs,
              { ...inputs, isolationType: 'Selective' },
              { preview: true },
            ),
          );
          await failed(() =>
            own.delete(`pc-${machineId}`, machineId, { ...read.properties, owned: false }, inputs, 30),
          );
        });
        for (const name of ['getMachine', 'getIsolation'])
          await failed(() => own.invoke(`mde:index:${name}`, { machineId }));
      }
      const { failures } = await own.check('pc', {
        machineId: evil,
        deviceName: evil,
        comment: evil,
        isolationType: '##vso[x]',
      });
      told.push(...failures.map(({ reason }) => reason));
      // The engine prints the value of a property that it is told.
      expect(failures.map(({ property }) => property)).to.deep.equal(failures.map(() => ''));
      await own.cancel().catch(() => {});
      told.push(...own.logs.map(({ text }) => text));
      expect(told.length).to.be.above(15);
      for (const text of told) {
        expect(text.replace(/[\n\t]/g, '')).not.to.match(acting);
        expect(text).not.to.match(command);
      }
      expect(told.join('\n'), 'the names themselves are told').to.match(/: :error::y/);
    } finally {
      await own.dispose();
    }
  });
});

/** Which argument a failure is about: where the engine would print what is wrong as it is, the text tells. */
function argumentOf(failure: { readonly property: string; readonly reason: string } | undefined): string | undefined {
  return failure?.property === '' ? failure.reason.split(':')[0] : failure?.property;
}
