import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as pulumi from '@pulumi/pulumi';
import { expect } from 'chai';
import { readSchema, shortName } from '../../schema/schema-document.ts';
import { pluginDeclarations, pluginModule } from '../../schema/write-plugin-module.ts';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const schema = readSchema();
type Compiler = typeof import('typescript');
type Args = Record<string, unknown>;
type ResourceClass = new (name: string, args?: Args, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource;
type Module = Record<string, ResourceClass & ((args?: Args) => Promise<unknown>) & Record<string, unknown>>;

describe('pulumi-mde/plugin', function () {
  this.timeout(60_000);
  let folder: string;
  let mde: Module;
  const registered: pulumi.runtime.MockResourceArgs[] = [];
  const called: pulumi.runtime.MockCallArgs[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mde-plugin-module-'));
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'plugin.cjs'), pluginModule(schema));
    writeFileSync(path.join(folder, 'plugin.d.ts'), pluginDeclarations(schema));
    await pulumi.runtime.setMocks({
      newResource: (args) => {
        registered.push(args);
        return { id: `${args.name}-id`, state: args.inputs };
      },
      call: (args) => {
        called.push(args);
        return { told: args.token };
      },
    });
    mde = require(path.join(folder, 'plugin.cjs')) as Module;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    registered.length = 0;
    called.length = 0;
  });

  /** Something for every required input. */
  const argsFor = (token: string): Args =>
    Object.fromEntries((schema.resources[token]?.requiredInputs ?? []).map((key) => [key, `given ${key}`]));

  async function settled(resource: pulumi.CustomResource): Promise<void> {
    await new Promise((resolve) => resource.urn.apply(resolve));
  }

  for (const [token, { inputProperties, properties }] of Object.entries(schema.resources)) {
    it(`registers ${token} with what is declared, and holds what state tells`, async () => {
      const Resource = mde[shortName(token)] as unknown as ResourceClass & { isInstance(value: unknown): boolean };
      const resource = new Resource('one', { ...argsFor(token), unheardOf: 1 });
      await settled(resource);
      expect(registered.map(({ type, name, inputs }) => ({ type, name, inputs }))).to.deep.equal([
        { type: token, name: 'one', inputs: argsFor(token) },
      ]);
      for (const key of Object.keys(properties))
        expect(pulumi.Output.isInstance(Reflect.get(resource, key)), key).to.equal(true);
      expect(Object.keys(inputProperties).length).to.be.greaterThan(0);
      expect(Resource.isInstance(resource)).to.equal(true);
      expect(Resource.isInstance({})).to.equal(false);
    });
  }

  it('names a required property that is missing, before anything is registered', () => {
    expect(() => new (mde.MachineIsolation as ResourceClass)('pc-7', { deviceName: 'pc-7.contoso.com' })).to.throw(
      pulumi.RunError,
      'MachineIsolation "pc-7": comment is missing',
    );
    expect(registered).to.deep.equal([]);
  });

  it('reads a resource by its id without declaring anything of it', async () => {
    const get = mde.MachineIsolation?.get as (name: string, id: string) => pulumi.CustomResource;
    await settled(get('pc-7', 'a'.repeat(40)));
    expect(registered[0]).to.include({ type: 'mde:index:MachineIsolation', id: 'a'.repeat(40) });
  });

  it('has the engine keep secret what the schema calls a secret', async () => {
    for (const [token, { properties }] of Object.entries(schema.resources)) {
      let asked: pulumi.CustomResourceOptions = {};
      const transformations = [
        ({ opts }: pulumi.ResourceTransformationArgs) => {
          asked = opts;
          return undefined;
        },
      ];
      await settled(new (mde[shortName(token)] as ResourceClass)('one', argsFor(token), { transformations }));
      const secrets = Object.keys(properties).filter((key) => properties[key]?.secret === true);
      expect(asked.additionalSecretOutputs ?? [], token).to.deep.equal(secrets);
    }
    expect(schema.resources['mde:index:InvestigationPackage']?.properties.packageUri?.secret).to.equal(true);
  });

  for (const token of Object.keys(schema.functions)) {
    it(`calls ${token} with what it is asked, plainly and over outputs`, async () => {
      const name = shortName(token);
      expect(await mde[name]?.({ machineId: 'a', unheardOf: 1 })).to.deep.equal({ told: token });
      const lifted = mde[`${name}Output`]?.({ machineId: pulumi.output('a') }) as unknown as pulumi.Output<unknown>;
      expect(await new Promise((resolve) => lifted.apply(resolve))).to.deep.equal({ told: token });
      const known = Object.hasOwn(schema.functions[token]?.inputs.properties ?? {}, 'machineId');
      for (const { inputs } of called) expect(inputs).to.deep.equal(known ? { machineId: 'a' } : {});
      expect(called).to.have.lengthOf(2);
    });
  }

  it('gives an explicit provider its settings as texts, and secrets as secrets', async () => {
    const provider = new (mde.Provider as ResourceClass)('second', {
      tenantId: 't',
      clientSecret: 's',
      useOidc: true,
      guardrails: { maxReleases: 3 },
    });
    await settled(provider);
    expect(registered[0]).to.include({ type: 'pulumi:providers:mde' });
    const { clientSecret, ...inputs } = registered[0]?.inputs ?? {};
    expect(inputs).to.deep.include({ tenantId: 't', useOidc: 'true', guardrails: '{"maxReleases":3}' });
    expect(JSON.stringify(clientSecret)).to.contain('"value":"s"');
  });

  const stack = (scan: string, filter: string) => `
    import * as pulumi from '@pulumi/pulumi';
    import * as mde from './plugin';
    const machine = mde.getMachineOutput({ deviceName: 'pc-7.contoso.com' });
    const file = new mde.FileQuarantine('dropper', { sha1: 'a', machineIds: [machine.machineId], comment: 'INC-1' });
    const scan = new mde.AntivirusScan('scan', { ${scan} }, { dependsOn: [file], import: 'x' });
    export const status: pulumi.Output<mde.ActionStatus> = scan.status;
    export const found: Promise<readonly mde.Machine[]> = mde.getMachines({ ${filter} }).then((each) => each.machines);
    const provider = new mde.Provider('second', { tenantId: machine.apply((each) => each.aadDeviceId || ''), useOidc: true });
    export const lines: pulumi.Output<string[]> = new mde.Quarantine('fleet', { hosts: [{ machineId: machine.machineId }] }, { provider })
      .hosts.apply((each) => Object.keys(each));
  `;
  const right = stack(`machineId: machine.machineId, scanType: 'Full', comment: 'INC-1'`, `healthStatus: 'Active'`);
  const wrong = [
    stack(`machineId: machine.machineId, scanType: 'Deep', comment: 'INC-1'`, `healthStatus: 'Active'`),
    stack(`machineId: machine.machineId, comment: 7`, `healthStatus: 'Active'`),
    stack(`machineId: machine.machineId, comment: 'INC-1'`, `healthStatus: 'Well'`),
    stack(`machineId: machine.machineId`, `healthStatus: 'Active'`),
  ];

  const compilers: Readonly<Record<string, () => Compiler>> = {
    'the compiler that Pulumi brings': () =>
      require(path.join(root, 'node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js')) as Compiler,
    'a current compiler': () => require('typescript') as Compiler,
  };
  for (const [name, load] of Object.entries(compilers)) {
    it(`has types that ${name} understands, and that are more than any`, () => {
      const typescript = load();
      const files = [right, ...wrong].map((text, index) => {
        const file = path.join(folder, `stack-${index}.ts`);
        writeFileSync(file, text);
        return file;
      });
      const program = typescript.createProgram(files, {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        module: typescript.ModuleKind.CommonJS,
        target: typescript.ScriptTarget.ES2018,
        ...(name.startsWith('a current') ? { ignoreDeprecations: '6.0', moduleResolution: 2 } : {}),
        types: [],
      });
      const told = ['plugin.d.ts', ...files].map((file) => {
        const source = program.getSourceFile(path.resolve(folder, file));
        if (source === undefined) throw new Error(`${file} was not compiled`);
        return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
          ({ messageText }) => typescript.flattenDiagnosticMessageText(messageText, '\n'),
        );
      });
      expect(told.slice(0, 2)).to.deep.equal([[], []]);
      for (const each of told.slice(2)) expect(each.join()).to.match(/not assignable/);
    });
  }
});
