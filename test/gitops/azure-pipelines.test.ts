import { join } from 'node:path';
import { expect } from 'chai';
import { type PipelineJob, readPipeline, scriptOf } from '../engine/gitops/azure-devops.ts';
import { exampleFolder } from '../engine/gitops/repository.ts';

const files = ['pull-request.yml', 'merge.yml', 'schedule.yml'];
const pipelineIn = (file: string) => readPipeline(join(exampleFolder, 'azure-pipelines', file));
const jobs = files.flatMap((file) => pipelineIn(file).jobs.map((job) => ({ file, job })));

const connectionsOf = (job: PipelineJob) => [
  ...new Set(job.steps.flatMap(({ inputs }) => inputs?.azureSubscription ?? [])),
];
const scriptsOf = (job: PipelineJob) => job.steps.map((step) => scriptOf(step) ?? '').join('\n');

describe('examples/gitops, the pipelines of Azure DevOps', () => {
  for (const { file, job } of jobs) {
    it(`${file}, ${job.name}: checkout, Node and sign-in apart, each step is a script that stops at its first failure`, () => {
      for (const step of job.steps) {
        const script = scriptOf(step);
        if (script === undefined) expect(step.checkout ?? step.task).to.be.oneOf(['self', 'UseNode@1']);
        else expect(script).to.match(/^set -euo pipefail\n/);
        // A macro in a script would be filled in before the shell reads it.
        expect(script ?? '').to.not.match(/\$\([\w.]+\)|\$\{\{/);
      }
      expect(job.timeoutInMinutes).to.be.within(60, 360);
    });
  }

  it('what looks signs in as the app that can only read, and runs nothing that writes', () => {
    for (const { job } of jobs.filter(({ job: { name } }) => name === 'preview' || name === 'detect')) {
      expect(connectionsOf(job)).to.deep.equal(['quarantine-read']);
      expect(scriptsOf(job)).to.not.match(/pulumi (up|destroy|refresh|cancel)|pulumi-mde release/);
      expect(job.environment).to.equal(undefined);
    }
  });

  it('what writes waits behind an environment, one run at a time, and works on the newest main', () => {
    for (const { file, job } of jobs.filter(({ job: { name } }) => name === 'merge' || name === 'repair')) {
      expect(connectionsOf(job)).to.deep.equal(['quarantine-write']);
      expect(job.environment).to.equal('quarantine');
      expect(pipelineIn(file).lockBehavior).to.equal('sequential');
      expect(scriptsOf(job)).to.match(/fetch .*origin main\ngit checkout .*FETCH_HEAD/);
      expect(scriptsOf(job)).to.match(/pulumi up --yes --skip-preview/);
    }
  });

  it('semantics 8.6: the repairing schedule releases nobody, and is off until it is switched on', () => {
    const repair = jobs.find(({ job }) => job.name === 'repair')?.job;
    expect(repair && scriptsOf(repair)).to.contain('--config mde:releases=hold');
    expect(repair?.condition).to.equal("eq(variables['MDE_REPAIR'], 'true')");
  });
});
