import { expect } from 'chai';
import { workflowFiles, workflowIn } from '../engine/gitops/github.ts';
import type { Job, Workflow } from '../engine/gitops/workflow.ts';

/** What may stand in a workflow beside `run:`: checkout, Node, and the sign-in to where state lies. */
const allowedActions = ['actions/checkout@v5', 'actions/setup-node@v5', 'azure/login@v2'];

const reading = ['pull-request.yml', 'schedule-detect.yml'];
const writing = ['merge.yml', 'schedule-repair.yml'];

function jobOf(workflow: Workflow): Job {
  const jobs = Object.values(workflow.jobs);
  const [job] = jobs;
  if (job === undefined || jobs.length > 1) throw new Error(`one job was expected, not ${jobs.length}`);
  return job;
}

function scriptsOf(workflow: Workflow): string {
  return jobOf(workflow)
    .steps.map(({ run = '' }) => run)
    .join('\n');
}

describe('examples/gitops, the workflows of GitHub', () => {
  for (const file of workflowFiles) {
    describe(file, () => {
      const workflow = workflowIn(file);
      const job = jobOf(workflow);

      it('uses checkout, Node and sign-in alone; all else is a script', () => {
        for (const { uses, run } of job.steps) {
          expect(uses === undefined || allowedActions.includes(uses), uses).to.equal(true);
          expect((uses === undefined) !== (run === undefined)).to.equal(true);
        }
      });

      it('has no expression in a script, where a name of a branch or host could become code', () => {
        for (const { run = '' } of job.steps) expect(run).to.not.contain('${{');
      });

      it('keeps no secret of Defender: it signs in by the token of its job', () => {
        expect(workflow.permissions['id-token']).to.equal('write');
        const secrets = JSON.stringify(workflow).match(/secrets\.\w+/g);
        expect([...new Set(secrets)].sort()).to.deep.equal([
          'secrets.PULUMI_ACCESS_TOKEN',
          'secrets.PULUMI_BACKEND_URL',
          'secrets.PULUMI_CONFIG_PASSPHRASE',
        ]);
      });

      it('may do no more than it must', () => {
        expect(workflow.permissions).to.deep.equal({
          contents: 'read',
          'id-token': 'write',
          ...(file === 'pull-request.yml' ? { 'pull-requests': 'write' } : {}),
        });
        expect(job.steps[0]?.with).to.include({ 'persist-credentials': false });
      });

      it('ends by itself within the time of a hosted runner', () => {
        expect(job['timeout-minutes']).to.be.within(60, 360);
      });
    });
  }

  for (const file of reading) {
    it(`${file} signs in as the app that can only read, and runs nothing that writes`, () => {
      const workflow = workflowIn(file);
      expect(workflow.env?.AZURE_CLIENT_ID).to.contain('AZURE_CLIENT_ID_READ');
      expect(jobOf(workflow).environment).to.equal(undefined);
      expect(scriptsOf(workflow)).to.not.match(/pulumi (up|destroy|refresh|cancel)|pulumi-mde release/);
    });
  }

  for (const file of writing) {
    it(`${file} writes behind an environment, for the newest main, one run at a time and none cut off`, () => {
      const workflow = workflowIn(file);
      const job = jobOf(workflow);
      expect(workflow.env?.AZURE_CLIENT_ID).to.contain('AZURE_CLIENT_ID_WRITE');
      expect(job.environment).to.be.a('string');
      expect(job.steps[0]?.with).to.include({ ref: 'main' });
      expect(workflow.concurrency).to.deep.equal({ group: 'quarantine', 'cancel-in-progress': false });
      // mde:maxRunTime is 50 min.
      expect(job['timeout-minutes']).to.be.greaterThan(60);
    });
  }

  it('semantics 8.5: the run after a merge has no preview, so that a refused release holds up no isolation', () => {
    expect(scriptsOf(workflowIn('merge.yml'))).to.match(/pulumi up --yes --skip-preview/);
  });

  it('semantics 8.6: the repairing schedule releases nobody, and is off until it is switched on', () => {
    const workflow = workflowIn('schedule-repair.yml');
    expect(scriptsOf(workflow)).to.contain('--config mde:releases=hold');
    expect(jobOf(workflow).if).to.equal("vars.MDE_REPAIR == 'true'");
  });
});
