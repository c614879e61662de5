import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { readSchema, shortName } from '../../../schema/schema-document.ts';
import { goEnv, usualGoFolders } from '../../../tools/setup/go.mjs';
import { ensurePythonPackages, ensureSdkGenerator } from '../../../tools/setup/sdks.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const schema = readSchema();
const run = promisify(execFile);

describe("SDKs of other languages, by Pulumi's own code generator", function () {
  // The first time, the generator is built and Pulumi's own SDK compiled.
  this.timeout(15 * 60_000);
  let folder: string;
  let generator: string;

  before(async function () {
    const { program, because } = await ensureSdkGenerator({ root, env: process.env });
    if (program === undefined) {
      console.log(`      skipped: ${because}`);
      this.skip();
    }
    generator = program;
    folder = mkdtempSync(path.join(tmpdir(), 'mde-sdks-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function generate(language: string): Promise<string> {
    const to = path.join(folder, language);
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    // Without a remark of the generator: it would end with an error.
    await run(generator, [path.join(root, 'schema/schema.json'), version, language, to]);
    return to;
  }

  it('Python: made, compiled, and imported with every resource and function', async function () {
    const found = await ensurePythonPackages({ root, env: process.env });
    if (found.python === undefined) {
      console.log(`      skipped: ${found.because}`);
      this.skip();
    }
    const { python, packages } = found;
    const sdk = await generate('python');
    // Installed as a user does: the SDK looks up its own version among what is installed.
    const installed = path.join(folder, 'installed');
    const install = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', '--no-build-isolation'];
    await run(python, [...install, '--target', installed, sdk], { env: { ...process.env, PYTHONPATH: packages } });
    const resources = Object.keys(schema.resources).map(shortName);
    const functions = Object.keys(schema.functions).map((token) =>
      shortName(token).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    );
    const program = [
      'import compileall, sys',
      `assert compileall.compile_dir(${JSON.stringify(path.join(installed, 'pulumi_mde'))}, quiet=1)`,
      'import pulumi_mde as mde',
      'import pulumi',
      `for name in ${JSON.stringify(resources)}: assert issubclass(getattr(mde, name), pulumi.CustomResource), name`,
      `for name in ${JSON.stringify(functions)}: assert callable(getattr(mde, name)) and callable(getattr(mde, name + "_output")), name`,
      'assert mde.HostDeclarationArgs(device_name="pc-7.contoso.com", isolation_type=mde.IsolationType.SELECTIVE)',
      'print("imported")',
    ].join('\n');
    const env = { ...process.env, PYTHONPATH: [installed, packages].join(path.delimiter) };
    const { stdout } = await run(python, ['-c', program], { env });
    expect(stdout.trim()).to.equal('imported');
  });

  it('Go: made, and compiled with a program that uses it', async () => {
    const sdk = await generate('go');
    // The module path that the generator gives a package without a repository of its own.
    const [, module] = /"(\S+)\/mde\/internal"/.exec(readFileSync(path.join(sdk, 'mde/provider.go'), 'utf8')) ?? [];
    const pinned = path.join(root, 'tools/sdks');
    const goMod = readFileSync(path.join(pinned, 'go.mod'), 'utf8');
    writeFileSync(path.join(sdk, 'go.mod'), goMod.replace(/^module .*/, `module ${module}`));
    copyFileSync(path.join(pinned, 'go.sum'), path.join(sdk, 'go.sum'));
    writeFileSync(
      path.join(sdk, 'stack.go'),
      `package main

import (
	"${module}/mde"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		machine, err := mde.GetMachine(ctx, &mde.GetMachineArgs{DeviceName: pulumi.StringRef("pc-7.contoso.com")})
		if err != nil {
			return err
		}
		isolation, err := mde.NewMachineIsolation(ctx, "pc-7", &mde.MachineIsolationArgs{
			MachineId:     pulumi.String(machine.MachineId),
			IsolationType: mde.IsolationTypeSelective,
			Comment:       pulumi.String("INC-1"),
		})
		if err != nil {
			return err
		}
		ctx.Export("state", isolation.State)
		return nil
	})
}
`,
    );
    const env = goEnv(process.env, usualGoFolders);
    await run('go', ['vet', './...'], { cwd: sdk, env });
    await run('go', ['build', '-o', path.join(folder, 'stack'), '.'], { cwd: sdk, env });
  });
});
