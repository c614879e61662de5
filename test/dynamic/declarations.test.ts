import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readSchema } from '../../schema/schema-document.ts';
import { declarations } from '../../schema/write-declarations.ts';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
type Compiler = typeof import('typescript');

describe("the package's type declarations", function () {
  // A compiler starts cold.
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'mde-declarations-'));
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'index.d.ts'), declarations(readSchema()));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What the compiler says of each file, the declarations among them; like ts-node, not of what they import in turn. */
  function compile(
    typescript: Compiler,
    texts: Readonly<Record<string, string>>,
    options: Record<string, unknown>,
  ): Readonly<Record<string, readonly string[]>> {
    const files = Object.entries(texts).map(([name, text]) => {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return file;
    });
    const program = typescript.createProgram(files, { strict: true, noEmit: true, skipLibCheck: true, ...options });
    const own = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(`${folder}/`) && !fileName.includes('/node_modules/'));
    return Object.fromEntries(
      own.map((each) => [
        path.basename(each.fileName),
        [...program.getSyntacticDiagnostics(each), ...program.getSemanticDiagnostics(each)].map(({ messageText }) =>
          typescript.flattenDiagnosticMessageText(messageText, '\n'),
        ),
      ]),
    );
  }

  const stack = (comment: string) => `
    import { MachineIsolation, MachineIsolationArgs, MachineIsolationState } from './index';
    const args: MachineIsolationArgs = { machineId: 'a', comment: ${comment}, isolationType: 'Full' };
    const isolation = new MachineIsolation('pc-7', args, { protect: true });
    export const shown = isolation.state.apply((state: MachineIsolationState['state']) => state.length);
    export const id: MachineIsolationState['machineId'] = 'a';
  `;

  /** @param host one host of the inline list @param limit of the guardrails */
  const fleet = (host: string, limit: string) => `
    import * as pulumi from '@pulumi/pulumi';
    import { HostDeclaration, Quarantine, QuarantineArgs, QuarantineGuardrails, QuarantineState } from './index';
    const guardrails: QuarantineGuardrails = { maxReleases: ${limit}, protected: { tags: ['domain-controller'] } };
    const later: pulumi.Output<string> = pulumi.output('pc-8.contoso.com');
    const hosts: HostDeclaration[] = [${host}, { deviceName: later, isolationType: 'Selective' }];
    const args: QuarantineArgs = { comment: 'x', hosts, guardrails };
    export const inline = new Quarantine('inline', args, { protect: true });
    export const fromText = new Quarantine('text', { manifest: pulumi.output('version: 1'), guardrails: pulumi.output(guardrails) });
    export const lines = inline.hosts.apply((each: QuarantineState['hosts']) => Object.keys(each).length);
    export const summary: pulumi.Output<string> = inline.summary;
  `;

  it('are understood by the compiler that Pulumi brings for stacks without one', () => {
    const bundled = require(path.join(root, 'node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js'));
    const options = { module: bundled.ModuleKind.CommonJS, target: bundled.ScriptTarget.ES2018, types: [] };
    const texts = {
      'right.ts': stack(`'x'`),
      'wrong.ts': stack('7'),
      'right-fleet.ts': fleet(`{ deviceName: 'pc-7.contoso.com' }`, '3'),
      'wrong-host.ts': fleet(`{ deviceName: 'pc-7.contoso.com', isolationType: 'Partial' }`, '3'),
      'unknown-name.ts': fleet(`{ deviceNam: 'pc-7.contoso.com' }`, '3'),
      'wrong-limit.ts': fleet(`{ deviceName: 'pc-7.contoso.com' }`, `'three'`),
    };
    const compiled = compile(bundled, texts, options);
    for (const right of ['index.d.ts', 'right.ts', 'right-fleet.ts']) expect(compiled[right], right).to.deep.equal([]);
    for (const wrong of ['wrong.ts', 'wrong-host.ts', 'unknown-name.ts', 'wrong-limit.ts'])
      expect(compiled[wrong]?.join(), `${wrong}: the types are more than \`any\``).to.contain('not assignable');
  });

  it('say the same as the class that they declare', () => {
    const typescript = require('typescript') as Compiler;
    const source = path.join(root, 'provider/dynamic/index.ts');
    const text = `
      import type * as declared from './index.js';
      import type * as real from ${JSON.stringify(source)};
      type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : { a: A; b: B };
      type Alike<A, B> = [A] extends [B] ? ([B] extends [A] ? true : { b: B }) : { a: A };
      type Fields<C> = { [K in keyof C]: C[K] };
      export const checks: true[] = [
        {} as Same<keyof declared.MachineIsolationArgs, keyof real.MachineIsolationArgs>,
        {} as Same<Fields<declared.MachineIsolationArgs>, Fields<real.MachineIsolationArgs>>,
        {} as Same<Fields<declared.MachineIsolationState>, Fields<real.MachineIsolationState>>,
        {} as Same<keyof declared.MachineIsolation, keyof real.MachineIsolation>,
        {} as Same<Fields<declared.MachineIsolation>, Fields<real.MachineIsolation>>,
        {} as Same<ConstructorParameters<typeof declared.MachineIsolation>[2], ConstructorParameters<typeof real.MachineIsolation>[2]>,
        {} as Same<Fields<declared.HostDeclaration>, Fields<real.HostDeclaration>>,
        {} as Same<Fields<declared.Protected>, Fields<real.Protected>>,
        {} as Same<Fields<declared.QuarantineGuardrails>, Fields<real.QuarantineGuardrails>>,
        {} as Same<keyof declared.QuarantineArgs, keyof real.QuarantineArgs>,
        {} as Alike<declared.QuarantineArgs, real.QuarantineArgs>,
        {} as Same<Fields<declared.QuarantineState>, Fields<real.QuarantineState>>,
        {} as Same<keyof declared.Quarantine, keyof real.Quarantine>,
        {} as Same<Fields<declared.Quarantine>, Fields<real.Quarantine>>,
        {} as Same<ConstructorParameters<typeof declared.Quarantine>[2], ConstructorParameters<typeof real.Quarantine>[2]>,
      ];
    `;
    const options = {
      module: typescript.ModuleKind.NodeNext,
      moduleResolution: typescript.ModuleResolutionKind.NodeNext,
      target: typescript.ScriptTarget.ES2024,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      types: ['node'],
    };
    expect(compile(typescript, { 'same.ts': text }, options)).to.deep.equal({ 'index.d.ts': [], 'same.ts': [] });
  });
});
