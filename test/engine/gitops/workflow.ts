import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { runBash } from './bash.ts';
import { type Contexts, filled, isLetThrough } from './expression.ts';

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

/** A file of `.github/workflows`. */
export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(path: string): Workflow {
  return parse(readFileSync(path, 'utf8')) as Workflow;
}

/** What a runner knows and gives. */
export interface Runner {
  /** The checked-out repository. */
  readonly workspace: string;
  /** A folder for the runner's own files. */
  readonly temp: string;
  /** The environment of the machine; nothing of the test's own process is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly contexts: Contexts;
  /** Where it aborts, the runner is gone at once, with all that ran on it. */
  readonly signal?: AbortSignal | undefined;
}

export interface StepRun {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly output: string;
}

export interface JobRun {
  readonly conclusion: 'success' | 'failure' | 'skipped';
  readonly steps: readonly StepRun[];
  /** What was written for the page of the run. */
  readonly summary: string;
  /** All that the steps printed. */
  readonly log: string;
}

/**
 * Runs the `run:` steps of the one job of a workflow, verbatim, each in a bash of its own as GitHub starts it. `uses:`
 * steps are taken as done: what they give, the runner has.
 */
export async function runJob(workflow: Workflow, runner: Runner): Promise<JobRun> {
  const [job] = Object.values(workflow.jobs);
  if (job === undefined) throw new Error('the workflow has no job');
  if (workflow.defaults?.run?.shell !== 'bash') throw new Error('only `shell: bash` is known here');
  const outcomes: Record<string, { outcome: string }> = {};
  let failed = false;
  const contexts = (): Contexts => ({
    steps: outcomes,
    success: () => !failed,
    failure: () => failed,
    always: () => true,
    cancelled: () => false,
    ...runner.contexts,
  });
  if (!isLetThrough(job.if, contexts())) return { conclusion: 'skipped', steps: [], summary: '', log: '' };

  const folder = mkdtempSync(join(runner.temp, 'job-'));
  const file = (name: string) => join(folder, name);
  const files = {
    GITHUB_PATH: file('path'),
    GITHUB_ENV: file('env'),
    GITHUB_OUTPUT: file('output'),
    GITHUB_STEP_SUMMARY: file('summary'),
  };
  for (const path of Object.values(files)) writeFileSync(path, '');
  const own = { ...files, GITHUB_WORKSPACE: runner.workspace, RUNNER_TEMP: file('temp') };
  mkdirSync(own.RUNNER_TEMP);

  const steps: StepRun[] = [];
  for (const [index, step] of job.steps.entries()) {
    if (runner.signal?.aborted === true) break;
    const name = step.name ?? step.uses ?? `step ${index + 1}`;
    let outcome: StepRun['outcome'] = 'skipped';
    let output = '';
    if (isLetThrough(step.if, contexts())) {
      outcome = 'success';
      if (step.run !== undefined) {
        const script = file(`step-${index}.sh`);
        writeFileSync(script, filled(step.run, contexts()));
        const added = readFileSync(files.GITHUB_PATH, 'utf8').split('\n').filter(Boolean).reverse();
        const run = await runBash(script, ['--noprofile', '--norc', '-eo', 'pipefail'], {
          cwd: runner.workspace,
          signal: runner.signal,
          env: {
            ...runner.env,
            ...own,
            PATH: [...added, runner.env.PATH ?? ''].join(delimiter),
            ...environmentOf(workflow.env, contexts()),
            ...environmentOf(step.env, contexts()),
          },
        });
        output = run.output;
        if (run.code !== 0) outcome = 'failure';
      }
    }
    if (outcome === 'failure') failed = true;
    if (step.id !== undefined) outcomes[step.id] = { outcome };
    steps.push({ name, outcome, output });
  }
  return {
    conclusion: failed ? 'failure' : 'success',
    steps,
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    log: steps.map((step) => `--- ${step.name}: ${step.outcome}\n${step.output}`).join('\n'),
  };
}

function environmentOf(env: Readonly<Record<string, unknown>> = {}, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value, contexts)]));
}
