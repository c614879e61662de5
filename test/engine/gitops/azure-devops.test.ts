import { expect } from 'chai';
import { tells } from '../outcome.ts';
import { AzureDevOps } from './azure-devops.ts';
import { Repository } from './repository.ts';
import { named, type OpenSite, openSite } from './site.ts';
import type { JobRun } from './workflow.ts';

describe('examples/gitops on Azure DevOps, every script of it, on the real engine', () => {
  let site: OpenSite;
  let repository: Repository;
  let azure: AzureDevOps;

  before(async () => {
    site = await openSite();
    site.addMachines('host-1', 'host-2', 'host-3');
    repository = await Repository.make(site);
    azure = await AzureDevOps.start(site, repository);
  });
  after(async () => {
    await azure?.stop();
    await site?.end();
  });

  const ended = (run: JobRun, conclusion: JobRun['conclusion']): string => {
    expect(run.conclusion, run.log).to.equal(conclusion);
    return run.log;
  };
  const isolated = () => ['host-1', 'host-2', 'host-3'].filter((name) => site.isIsolated(name));
  const push = (...names: readonly string[]): string => {
    repository.declare(named(...names));
    return repository.commit(names.join(' '));
  };

  it('a merge contains the hosts, as the app that may write', async () => {
    push('host-1', 'host-2', 'host-3');
    ended(await azure.run('merge.yml', 'merge'), 'success');
    expect([...site.requests()].sort()).to.deep.equal([
      'Isolate host-1 by quarantine-write',
      'Isolate host-2 by quarantine-write',
      'Isolate host-3 by quarantine-write',
    ]);
  });

  it('semantics 8.5: a pull request that removes many is refused, and its comment says whom it would release', async () => {
    repository.git('checkout', '--quiet', '-b', 'remove');
    push('host-3');
    repository.git('checkout', '--quiet', 'main');
    ended(await azure.run('pull-request.yml', 'preview', 'remove'), 'failure');
    expect(azure.threads).to.have.length(1);
    tells(azure.threads[0]?.comments[0]?.content ?? '', 'host-1.contoso.com', 'host-2.contoso.com', /2-[0-9a-f]{8}/);
    expect(site.requests()).to.have.length(3);
  });

  it('an old run that is run again works on the newest main: it releases what was removed, and brings nothing back', async () => {
    const old = repository.git('rev-parse', 'HEAD');
    push('host-2', 'host-3');
    ended(await azure.run('merge.yml', 'merge', 'main', old), 'success');
    expect(isolated()).to.deep.equal(['host-2', 'host-3']);
    expect(site.requests().at(-1)).to.equal('Unisolate host-1 by quarantine-write');
  });

  it('the detecting schedule passes where all is as declared', async () => {
    ended(await azure.run('schedule.yml', 'detect'), 'success');
  });

  it('and fails on drift, sending nothing', async () => {
    site.simulator.control.unisolate('host-2.contoso.com', { comment: 'looks clean' });
    site.simulator.control.advance('5m');
    const before = site.requests().length;
    tells(ended(await azure.run('schedule.yml', 'detect'), 'failure'), 'analyst@contoso.com');
    expect(site.requests()).to.have.length(before);
  });

  it('the repairing schedule does not run until it is switched on', async () => {
    ended(await azure.run('schedule.yml', 'repair'), 'skipped');
  });

  it('semantics 8.6: it isolates again, and releases nobody', async () => {
    azure.variables.MDE_REPAIR = 'true';
    push('host-2');
    ended(await azure.run('schedule.yml', 'repair'), 'success');
    expect(isolated()).to.deep.equal(['host-2', 'host-3']);
  });
});
