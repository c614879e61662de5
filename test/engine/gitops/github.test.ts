import { expect } from 'chai';
import { tells } from '../outcome.ts';
import { until } from '../until.ts';
import { GitHub } from './github.ts';
import { Repository } from './repository.ts';
import { named, type OpenSite, openSite } from './site.ts';
import type { JobRun } from './workflow.ts';

const fleet = ['host-1', 'host-2', 'host-3', 'host-4', 'host-5', 'host-6', 'host-7', 'host-8'];

describe('examples/gitops on GitHub, every script of it, on the real engine', () => {
  let site: OpenSite;
  let repository: Repository;
  let github: GitHub;

  before(async () => {
    site = await openSite();
    site.addMachines(...fleet, 'host-9');
    repository = await Repository.make(site);
    github = await GitHub.start(site, repository);
  });
  after(async () => {
    await github?.stop();
    await site?.end();
  });

  const ended = (run: JobRun, conclusion: JobRun['conclusion']): string => {
    expect(run.conclusion, run.log).to.equal(conclusion);
    return run.log;
  };
  const outcomes = (run: JobRun) => Object.fromEntries(run.steps.map(({ name, outcome }) => [name, outcome]));
  const isolated = () => [...fleet, 'host-9'].filter((name) => site.isIsolated(name));
  /** A branch with another manifest. */
  const propose = (branch: string, ...declared: Parameters<Repository['declare']>) => {
    repository.git('checkout', '--quiet', '-b', branch);
    repository.declare(...declared);
    repository.commit(branch);
    repository.git('checkout', '--quiet', 'main');
  };
  const merge = (branch: string) => {
    repository.git('merge', '--quiet', '--ff-only', branch);
    return github.run('merge.yml', { event: 'push' });
  };
  const pullRequest = (number: number, branch: string) =>
    github.run('pull-request.yml', { event: 'pull_request', branch, number });
  const commentOn = (number: number): string => {
    const comments = github.comments.get(number) ?? [];
    expect(comments).to.have.length(1);
    return comments[0]?.body ?? '';
  };

  describe('a pull request that adds hosts', () => {
    before(() => propose('add', named(...fleet)));

    it('passes, says in its comment whom it would isolate, and sends nothing', async () => {
      ended(await pullRequest(1, 'add'), 'success');
      tells(commentOn(1), ...fleet);
      expect(site.requests()).to.deep.equal([]);
    });

    it('is carried out by the merge, as the app that may write', async () => {
      const log = ended(await merge('add'), 'success');
      tells(log, 'isolated');
      expect(isolated()).to.deep.equal(fleet);
      expect([...site.requests()].sort()).to.deep.equal(fleet.map((name) => `Isolate ${name} by quarantine-write`));
    });
  });

  describe('the detecting schedule', () => {
    it('passes where all is as declared, and sends nothing', async () => {
      const run = await github.run('schedule-detect.yml', { event: 'schedule' });
      ended(run, 'success');
      tells(run.summary, /in sync|as declared/);
      expect(site.requests()).to.have.length(fleet.length);
    });

    it('fails on drift, says on the page of the run who is free, and sends nothing', async () => {
      site.simulator.control.unisolate('host-2.contoso.com', { comment: 'looks clean' });
      site.simulator.control.advance('5m');
      const before = site.requests().length;
      const run = await github.run('schedule-detect.yml', { event: 'schedule' });
      ended(run, 'failure');
      expect(outcomes(run)).to.include({ Status: 'failure', Drift: 'failure' });
      tells(run.summary, 'host-2.contoso.com', 'analyst@contoso.com');
      expect(site.requests()).to.have.length(before);
    });
  });

  describe('the repairing schedule', () => {
    it('does not run until it is switched on', async () => {
      ended(await github.run('schedule-repair.yml', { event: 'schedule' }), 'skipped');
    });

    it('semantics 8.6: isolates again what was released by hand, and releases nobody', async () => {
      github.vars.MDE_REPAIR = 'true';
      // Taken out on main, while the run after that merge has not come yet.
      propose('remove-one', named(...fleet.slice(0, 7)));
      repository.git('merge', '--quiet', '--ff-only', 'remove-one');
      ended(await github.run('schedule-repair.yml', { event: 'schedule' }), 'success');
      expect(isolated()).to.deep.equal(fleet);
      expect(site.requests().at(-1)).to.equal('Isolate host-2 by quarantine-write');
    });

    it('semantics 2.2, 2.5: renews leases in time, those of hosts whose release it holds among them', async () => {
      site.simulator.control.advance('4d');
      ended(await github.run('schedule-repair.yml', { event: 'schedule' }), 'success');
      const renewed = site.requests().slice(-fleet.length);
      expect([...renewed].sort()).to.deep.equal(fleet.map((name) => `Isolate ${name} by quarantine-write`));
    });

    it('the merge releases what it held', async () => {
      ended(await github.run('merge.yml', { event: 'workflow_dispatch' }), 'success');
      expect(isolated()).to.deep.equal(fleet.slice(0, 7));
    });
  });

  describe('a pull request that removes many', () => {
    const left = fleet.slice(0, 2);
    let override = '';
    before(() => propose('remove-many', named(...left, 'host-9')));

    it('semantics 8.5: is refused in preview, and its comment leads with whom it would release', async () => {
      const run = await pullRequest(2, 'remove-many');
      ended(run, 'failure');
      expect(outcomes(run)).to.include({ Status: 'success', Preview: 'failure', Comment: 'success' });
      const comment = commentOn(2);
      const removed = fleet.slice(2, 7);
      const head = comment.slice(0, comment.indexOf('host-9.contoso.com'));
      tells(head, ...removed.map((name) => `${name}.contoso.com`));
      [override = ''] = /\b5-[0-9a-f]{8}\b/.exec(comment) ?? [];
      expect(override, comment).to.not.equal('');
      expect(isolated()).to.deep.equal(fleet.slice(0, 7));
    });

    it('semantics 8.5: merged all the same, it releases nobody, isolates the host that it adds, and fails', async () => {
      ended(await merge('remove-many'), 'failure');
      expect(isolated()).to.deep.equal([...fleet.slice(0, 7), 'host-9']);
    });

    it('semantics 8.4: a push that quotes the refusal passes, and changes the one comment', async () => {
      repository.git('checkout', '--quiet', 'remove-many');
      repository.declare(named(...left, 'host-9'), { allowReleases: override });
      repository.commit('allow');
      repository.git('checkout', '--quiet', 'main');
      ended(await pullRequest(2, 'remove-many'), 'success');
      expect(commentOn(2)).to.not.contain('refused');
    });

    it('semantics 8.4: its merge goes through', async () => {
      ended(await merge('remove-many'), 'success');
      expect(isolated()).to.deep.equal([...left, 'host-9']);
    });
  });

  describe('a manifest with a mistake', () => {
    it('is marked in its line, and nothing is sent nor said', async () => {
      propose('mistake', [{ deviceNam: 'host-3.contoso.com' }]);
      const before = site.requests().length;
      const run = await pullRequest(4, 'mistake');
      tells(ended(run, 'failure'), /::error file=quarantine\.yaml,line=\d+/, 'deviceName');
      expect(outcomes(run)).to.include({ Preview: 'skipped', Comment: 'skipped' });
      expect(github.comments.get(4)).to.equal(undefined);
      expect(site.requests()).to.have.length(before);
    });
  });

  describe('a merge that loses the resource', () => {
    it('is refused by the engine, and releases nobody', async () => {
      repository.git('checkout', '--quiet', '-b', 'lose');
      repository.write('Pulumi.yaml', repository.read('Pulumi.yaml').replace(/^resources:[\s\S]*/m, ''));
      repository.commit('lose');
      repository.git('checkout', '--quiet', 'main');
      const before = isolated();
      tells(ended(await merge('lose'), 'failure'), 'protect');
      expect(isolated()).to.deep.equal(before);
    });
  });

  describe('a runner that goes away in the middle of a run', () => {
    before(() => {
      // As somebody would put it right who lost the resource.
      repository.git('revert', '--no-edit', 'HEAD');
      site.simulator.control.setMachine('host-3.contoso.com', { latencySeconds: { Isolate: 3_600 } });
      propose('add-again', named('host-1', 'host-2', 'host-3', 'host-9'));
    });

    it('leaves the stack locked; the next run says so and how to go on', async () => {
      const gone = new AbortController();
      repository.git('merge', '--quiet', '--ff-only', 'add-again');
      const run = github.run('merge.yml', { event: 'push' }, gone.signal);
      await until('the isolation is requested', () => site.requests().at(-1) === 'Isolate host-3 by quarantine-write');
      gone.abort();
      ended(await run, 'failure');
      tells(ended(await github.run('merge.yml', { event: 'push' }), 'failure'), 'pulumi cancel');
    });

    it('semantics 3.1: Merge by hand with `unlock` goes on, and the host gets no second isolate', async () => {
      const before = site.requests().length;
      site.simulator.control.advance('2h');
      ended(await github.run('merge.yml', { event: 'workflow_dispatch', inputs: { unlock: true } }), 'success');
      expect(isolated()).to.deep.equal(['host-1', 'host-2', 'host-3', 'host-9']);
      expect(site.requests()).to.have.length(before);
    });
  });
});
