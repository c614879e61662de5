import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import type { RegisteredApp } from '../../../simulator/control.ts';
import { runBash } from './bash.ts';
import type { Repository, Site } from './repository.ts';
import type { JobRun, StepRun } from './workflow.ts';

export interface PipelineStep {
  readonly displayName?: string;
  readonly checkout?: string;
  readonly bash?: string;
  readonly task?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly condition?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PipelineJob {
  /** The stage, or the job where there are no stages. */
  readonly name: string;
  readonly condition?: string;
  readonly environment?: string;
  readonly timeoutInMinutes?: number;
  readonly steps: readonly PipelineStep[];
}

/** A file of `azure-pipelines`. */
export interface Pipeline {
  readonly lockBehavior?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly jobs: readonly PipelineJob[];
}

type Deploying = { readonly runOnce: { readonly deploy: { readonly steps: readonly PipelineStep[] } } };

interface WrittenJob extends Omit<PipelineJob, 'name' | 'steps'> {
  readonly job?: string;
  readonly deployment?: string;
  readonly steps?: readonly PipelineStep[];
  readonly strategy?: Deploying;
}

export function readPipeline(path: string): Pipeline {
  const { stages, jobs = [], ...rest } = parse(readFileSync(path, 'utf8'));
  const all: { stage?: string; condition?: string; jobs: readonly WrittenJob[] }[] = stages ?? [{ jobs }];
  return {
    ...rest,
    jobs: all.flatMap(({ stage, condition, jobs: written }) =>
      written.map(({ job, deployment, steps, strategy, ...others }) => ({
        ...others,
        ...(condition === undefined ? {} : { condition }),
        name: stage ?? job ?? deployment ?? '',
        steps: steps ?? strategy?.runOnce.deploy.steps ?? [],
      })),
    ),
  };
}

/** The script that a step is there for; undefined for one that prepares the machine. */
export function scriptOf(step: PipelineStep): string | undefined {
  return step.bash ?? (step.task === 'AzureCLI@2' ? String(step.inputs?.inlineScript) : undefined);
}

const issuer = 'https://vstoken.dev.azure.com/4711';

/** Azure DevOps as far as a job meets it: its service connections, the threads of a pull request, an agent. On loopback. */
export class AzureDevOps {
  /** The first comments of the threads of pull request 7. */
  readonly threads: { id: number; comments: { id: number; content: string }[] }[] = [];
  readonly variables: Record<string, string>;
  readonly #site: Site;
  readonly #repository: Repository;
  readonly #connections: Readonly<Record<string, RegisteredApp>>;
  readonly #server: Server;
  readonly #accessToken = randomBytes(16).toString('hex');

  private constructor(site: Site, repository: Repository) {
    this.#site = site;
    this.#repository = repository;
    const { env } = site.engine;
    // What is there is installed.
    this.variables = { PULUMI_BACKEND_URL: env.PULUMI_BACKEND_URL ?? '', PULUMI_VERSION: site.engineVersion };
    const connect = (name: string, roles: readonly string[]) =>
      site.simulator.control.addApp({ displayName: name, roles, federated: [{ issuer, subject: subject(name) }] });
    this.#connections = {
      'quarantine-read': connect('quarantine-read', ['Machine.Read.All']),
      'quarantine-write': connect('quarantine-write', ['Machine.Read.All', 'Machine.Isolate']),
    };
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(site: Site, repository: Repository): Promise<AzureDevOps> {
    const azure = new AzureDevOps(site, repository);
    await new Promise<void>((resolve) => azure.#server.listen(0, '127.0.0.1', resolve));
    return azure;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Runs the scripts of one job of a pipeline, verbatim, in a checkout of a branch (or of a commit of it). */
  async run(file: string, name: string, branch = 'main', commit?: string): Promise<JobRun> {
    const workspace = this.#repository.checkout(branch, commit);
    const pipeline = readPipeline(join(workspace, 'azure-pipelines', file));
    const job = pipeline.jobs.find((each) => each.name === name);
    if (job === undefined) throw new Error(`${file} has no ${name}`);
    const variables = { ...pipeline.variables, ...this.variables };
    if (!isMet(job.condition, variables, false)) return { conclusion: 'skipped', steps: [], summary: '', log: '' };

    const folder = mkdtempSync(join(this.#site.engine.folder, 'agent-'));
    const temp = join(folder, 'temp');
    mkdirSync(temp);
    const secrets = {
      'System.AccessToken': this.#accessToken,
      PULUMI_CONFIG_PASSPHRASE: this.#site.engine.env.PULUMI_CONFIG_PASSPHRASE ?? '',
    };
    const { PULUMI_CONFIG_PASSPHRASE: _, ...machine } = this.#repository.machine();
    const steps: StepRun[] = [];
    const prepended: string[] = [];
    let failed = false;
    for (const [index, step] of job.steps.entries()) {
      const label = step.displayName ?? step.task ?? 'checkout';
      const script = scriptOf(step);
      if (!isMet(step.condition, variables, failed)) {
        steps.push({ name: label, outcome: 'skipped', output: '' });
        continue;
      }
      let output = '';
      let code: number | null = 0;
      if (script !== undefined) {
        const path = join(folder, `step-${index}.sh`);
        writeFileSync(path, script);
        ({ output, code } = await runBash(path, step.bash === undefined ? [] : ['--noprofile', '--norc'], {
          cwd: workspace,
          env: {
            ...machine,
            ...variables,
            ...this.#given(temp),
            ...this.#connection(step),
            ...filled(step.env, secrets),
            PATH: [...prepended, machine.PATH ?? ''].join(delimiter),
          },
        }));
        for (const [, path = ''] of output.matchAll(/^##vso\[task\.prependpath\](.*)$/gm)) prepended.unshift(path);
      }
      if (code !== 0) failed = true;
      steps.push({ name: label, outcome: code === 0 ? 'success' : 'failure', output });
    }
    const log = steps.map((step) => `--- ${step.name}: ${step.outcome}\n${step.output}`).join('\n');
    return { conclusion: failed ? 'failure' : 'success', steps, summary: '', log };
  }

  /** What an agent sets in every job. */
  #given(temp: string): Record<string, string> {
    return {
      TF_BUILD: 'True',
      AGENT_TEMPDIRECTORY: temp,
      SYSTEM_COLLECTIONURI: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/contoso/`,
      SYSTEM_TEAMPROJECT: 'Blue Team',
      BUILD_REPOSITORY_ID: '0815',
      BUILD_BUILDID: '42',
      SYSTEM_PULLREQUEST_PULLREQUESTID: '7',
    };
  }

  /** What the task AzureCLI@2 gives to its script where `addSpnToEnvironment` is set. */
  #connection(step: PipelineStep): Record<string, string> {
    if (step.task !== 'AzureCLI@2' || step.inputs?.addSpnToEnvironment !== true) return {};
    const name = String(step.inputs.azureSubscription);
    const app = this.#connections[name];
    if (app === undefined) throw new Error(`there is no service connection ${name}`);
    return {
      servicePrincipalId: app.clientId,
      tenantId: app.tenantId,
      idToken: this.#site.simulator.control.federatedToken({ issuer, subject: subject(name) }),
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.#accessToken}`) return send(401, {});
    const url = new URL(request.url ?? '/', 'http://localhost');
    const threads = '/contoso/Blue%20Team/_apis/git/repositories/0815/pullRequests/7/threads';
    if (!url.pathname.startsWith(threads) || url.searchParams.get('api-version') === null) return send(404, {});
    const rest = url.pathname.slice(threads.length);
    if (rest === '' && request.method === 'GET') return send(200, { value: this.threads });
    if (rest === '' && request.method === 'POST') {
      const { comments } = JSON.parse(text) as { comments: { content: string }[] };
      const thread = { id: this.threads.length + 1, comments: comments.map(({ content }) => ({ id: 1, content })) };
      this.threads.push(thread);
      return send(200, thread);
    }
    const [, threadId, commentId] = /^\/(\d+)\/comments\/(\d+)$/.exec(rest) ?? [];
    const thread = this.threads.find(({ id }) => id === Number(threadId));
    const comment = thread?.comments.find(({ id }) => id === Number(commentId));
    if (comment === undefined || request.method !== 'PATCH') return send(404, {});
    comment.content = (JSON.parse(text) as { content: string }).content;
    return send(200, comment);
  }
}

function subject(connection: string): string {
  return `sc://contoso/Blue Team/${connection}`;
}

/** The conditions that the examples use. */
function isMet(condition: string | undefined, variables: Readonly<Record<string, string>>, failed: boolean): boolean {
  if (condition === undefined) return !failed;
  if (condition === 'succeededOrFailed()') return true;
  const [, name = '', value] = /^eq\(variables\['(\w+)'\], '(\w+)'\)$/.exec(condition) ?? [];
  if (value === undefined) throw new Error(`the condition ${condition} is not known here`);
  return variables[name] === value;
}

/** `$(name)` stays as it is where nothing is known under the name, as it does in Azure Pipelines. */
function filled(
  env: Readonly<Record<string, string>> = {},
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const fill = (text: string) => text.replace(/\$\(([\w.]+)\)/g, (all, name: string) => values[name] ?? all);
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)]));
}
