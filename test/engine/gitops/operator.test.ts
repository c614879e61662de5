import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { failed, succeeded, tells } from '../outcome.ts';
import { exampleFolder, Repository } from './repository.ts';
import { named, type OpenSite, openSite } from './site.ts';

describe("examples/gitops, the operator's project with the operator's configuration, on the real engine", () => {
  let site: OpenSite;
  let folder: string;
  let config: readonly string[];

  before(async () => {
    site = await openSite();
    site.addMachines('host-1', 'host-2');
    const repository = await Repository.make(site);
    repository.declare(named('host-1', 'host-2'));
    repository.commit('two hosts');
    const checkout = repository.installedCheckout();
    folder = join(checkout, 'operator');
    // What the image brings lies in the checkout here.
    const project = join(folder, 'Pulumi.yaml');
    writeFileSync(project, readFileSync(project, 'utf8').replace('/opt/quarantine/', `${checkout}/`));
    const documents = parseAllDocuments(readFileSync(join(exampleFolder, 'operator/stack.yaml'), 'utf8'));
    const stack = documents.map((document) => document.toJS()).find(({ kind }) => kind === 'Stack');
    const entries: [string, string][] = Object.entries(stack.spec.config);
    config = entries.flatMap(([key, value]) => ['--config', `${key}=${value}`]);
  });
  after(() => site?.end());

  const pulumi = (...args: readonly string[]) =>
    site.engine.run([...args, '--stack', 'prod', '--non-interactive'], {
      cwd: folder,
      env: site.simulator.environment(),
    });

  it('finds manifest and stack configuration in the folder above, and contains the hosts', async () => {
    succeeded(await pulumi('up', '--yes', '--skip-preview', ...config));
    expect(['host-1', 'host-2'].filter((name) => site.isIsolated(name))).to.have.length(2);
  });

  it('refuses a destroy that comes all the same, and releases nobody', async () => {
    tells(failed(await pulumi('destroy', '--yes', '--skip-preview')), 'protected');
    expect(site.requests().filter((request) => request.startsWith('Unisolate'))).to.deep.equal([]);
  });
});
