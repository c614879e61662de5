import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { installPackage, packPackage } from '../../../tools/packed-package.ts';
import { ensureStackPackages } from '../../../tools/setup/stack-packages.mjs';
import { failed, succeeded, tells } from '../outcome.ts';
import { holdsTheProviderLine } from '../typescript/provider-line.ts';
import { makeScene, type Scene, TypeScriptStack } from '../typescript/stack.ts';
import { kinds, type StackKind } from './kinds.ts';
import { hostsOf, linesTold, rightProgram, wrongProgram } from './programs.ts';
import { Projects, pluginByPath } from './projects.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the packed and installed npm package, on the real engine', () => {
  let scene: Scene;
  let project: string;
  let projects: Projects;

  before(async function () {
    const { packages, because } = await ensureStackPackages({ root, env: process.env });
    if (packages === undefined) {
      console.log(`    skipped: ${because}`);
      this.skip();
    }
    scene = await makeScene();
    const { folder } = scene.engine;
    project = join(folder, 'project');
    projects = new Projects(folder, packages, await installPackage(await packPackage(root, folder), project));
  });
  after(() => scene?.end());

  const isIsolated = (host: string) => scene.simulator.control.machine(host).isolation.isolated;
  const addMachine = (computerDnsName: string) => scene.simulator.control.addMachine({ computerDnsName });

  /** What the project's own compiler says of a file, as at a terminal. */
  function compilerSays(folder: string, kind: StackKind, file: string): string {
    writeFileSync(join(folder, file), wrongProgram.text);
    // Without a tsconfig.json the compiler wants files.
    const what = kind.compilerOptions === undefined ? ['--skipLibCheck', kind.main, file] : ['--project', '.'];
    const tsc = join(folder, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '--noEmit', '--strict', '--pretty', 'false', ...what];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
  }

  for (const kind of kinds) {
    describe(kind.title, () => {
      let stack: TypeScriptStack;

      before(async () => {
        for (const host of hostsOf(kind)) addMachine(host);
        stack = new TypeScriptStack(scene, projects.make(kind, rightProgram(kind)));
        await stack.init();
      });

      if (kind.toolchain !== 'none') {
        it('has types that tell right from wrong', () => {
          const output = compilerSays(stack.folder, kind, 'wrong.ts');
          expect(linesTold(output, 'wrong.ts'), output).to.deep.equal(wrongProgram.lines);
          expect(output).not.to.match(/^(?!wrong\.ts)\S.*: error TS/m);
        });
      } else if (kind.main === 'index.ts') {
        it('has types that tell right from wrong', async () => {
          projects.write(kind, wrongProgram.text);
          const preview = await stack.preview();
          projects.write(kind, rightProgram(kind));
          const output = failed(preview);
          expect(linesTold(output, kind.main), output).to.deep.equal(wrongProgram.lines);
        });
      }

      it('previews and isolates, by the dynamic class and by the plugin from its path', async () => {
        const output = succeeded(await stack.pulumi('up', '--yes'));
        for (const host of hostsOf(kind)) {
          tells(output, `would isolate ${host}`, `isolated ${host}`);
          expect(isIsolated(host), host).to.equal(true);
        }
        expect(output).not.to.contain('ExperimentalWarning');
      });

      it('leaves the same line in state as a linked package', () =>
        holdsTheProviderLine(stack, [scene.simulator.credentials.clientSecret]));
    });
  }

  it('isolates from a YAML stack, by the plugin from its path, where nothing else is installed', async () => {
    const host = 'yaml-1.contoso.com';
    addMachine(host);
    const declared = { type: 'mde:index:MachineIsolation', properties: { deviceName: host, comment: 'INC-4711' } };
    const program = { name: 'yaml', runtime: 'yaml', plugins: pluginByPath, resources: { one: declared } };
    writeFileSync(join(project, 'Pulumi.yaml'), JSON.stringify(program));
    const stack = new TypeScriptStack(scene, project);
    await stack.init();
    tells(succeeded(await stack.up()), `isolated ${host}`);
    expect(isIsolated(host)).to.equal(true);
  });
});
