import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RegisteredApp } from '../../../simulator/control.ts';
import { exampleFolder, type Repository, type Site } from './repository.ts';
import { type JobRun, readWorkflow, runJob, type Workflow } from './workflow.ts';

/** Why a workflow runs. */
export type Trigger =
  | { readonly event: 'pull_request'; readonly branch: string; readonly number: number }
  | { readonly event: 'push' | 'schedule' }
  | { readonly event: 'workflow_dispatch'; readonly inputs?: Readonly<Record<string, unknown>> };

const repositoryName = 'contoso/quarantine';
const issuer = 'https://token.actions.githubusercontent.com';

/** GitHub as far as a job meets it: its token service, its comments, and a runner. On loopback. */
export class GitHub {
  /** By number of the pull request. */
  readonly comments = new Map<number, { id: number; body: string; user: { type: string } }[]>();
  /** The repository's variables. */
  readonly vars: Record<string, string>;
  readonly #site: Site;
  readonly #repository: Repository;
  readonly #server: Server;
  readonly #requestToken = randomBytes(16).toString('hex');
  readonly #apiToken = randomBytes(16).toString('hex');
  /** Of the job under way: what its token would say, and what its token for the API may do. */
  #subject = '';
  #mayComment = false;
  #commentId = 100;

  private constructor(site: Site, repository: Repository, vars: Record<string, string>) {
    this.#site = site;
    this.#repository = repository;
    this.vars = vars;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Registers the two apps that the README asks for. */
  static async start(site: Site, repository: Repository, vars: Record<string, string> = {}): Promise<GitHub> {
    const { control } = site.simulator;
    const app = (displayName: string, roles: readonly string[], subjects: readonly string[]): RegisteredApp =>
      control.addApp({
        displayName,
        roles,
        federated: subjects.map((subject) => ({ issuer, subject: `repo:${repositoryName}:${subject}` })),
      });
    const reading = app('quarantine-read', ['Machine.Read.All'], ['pull_request', 'ref:refs/heads/main']);
    const writing = app(
      'quarantine-write',
      ['Machine.Read.All', 'Machine.Isolate'],
      ['environment:quarantine', 'environment:quarantine-repair'],
    );
    const github = new GitHub(site, repository, {
      AZURE_TENANT_ID: reading.tenantId,
      AZURE_CLIENT_ID_READ: reading.clientId,
      AZURE_CLIENT_ID_WRITE: writing.clientId,
      PULUMI_BACKEND_URL: site.engine.env.PULUMI_BACKEND_URL ?? '',
      // What is there is installed.
      PULUMI_VERSION: site.engineVersion,
      ...vars,
    });
    await new Promise<void>((resolve) => github.#server.listen(0, '127.0.0.1', resolve));
    return github;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /**
   * Runs a workflow of the branch that it would be read from, in a checkout as its first step asks for it.
   * @param signal takes the runner away when it aborts
   */
  async run(file: string, trigger: Trigger, signal?: AbortSignal): Promise<JobRun> {
    const branch = trigger.event === 'pull_request' ? trigger.branch : 'main';
    const workspace = this.#repository.checkout(branch);
    const workflow = readWorkflow(join(workspace, '.github/workflows', file));
    const [job] = Object.values(workflow.jobs);
    this.#subject = `repo:${repositoryName}:${subjectOf(trigger, job?.environment)}`;
    this.#mayComment = workflow.permissions['pull-requests'] === 'write';
    return await runJob(workflow, {
      workspace,
      temp: this.#site.engine.folder,
      signal,
      env: { ...this.#repository.machine(), ...this.#given(workflow, trigger) },
      contexts: {
        vars: this.vars,
        secrets: { PULUMI_CONFIG_PASSPHRASE: this.#site.engine.env.PULUMI_CONFIG_PASSPHRASE },
        inputs: trigger.event === 'workflow_dispatch' ? (trigger.inputs ?? {}) : {},
        github: {
          token: this.#apiToken,
          event_name: trigger.event,
          event: trigger.event === 'pull_request' ? { pull_request: { number: trigger.number } } : {},
        },
      },
    });
  }

  /** What a runner sets in every job. */
  #given(workflow: Workflow, { event }: Trigger): Record<string, string> {
    const base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const oidc = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${base}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: this.#requestToken,
    };
    return {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: `${base}/api`,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: repositoryName,
      GITHUB_RUN_ID: '4711',
      GITHUB_EVENT_NAME: event,
      ...(workflow.permissions['id-token'] === 'write' ? oidc : {}),
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    const bearer = request.headers.authorization?.replace(/^Bearer /, '');
    if (url.pathname === '/token') {
      if (bearer !== this.#requestToken) return send(401, {});
      const audience = url.searchParams.get('audience') ?? '';
      return send(200, {
        value: this.#site.simulator.control.federatedToken({ issuer, subject: this.#subject, audience }),
      });
    }
    if (bearer !== this.#apiToken) return send(401, {});
    const { body = '' } = text === '' ? {} : (JSON.parse(text) as { body?: string });
    // As GitHub does it.
    if (body.length > 65_536) return send(422, { message: 'body is too long' });
    const route = /^\/api\/repos\/contoso\/quarantine\/issues\/(?:(\d+)\/comments|comments\/(\d+))$/.exec(url.pathname);
    if (route === null) return send(404, {});
    if (request.method !== 'GET' && !this.#mayComment) return send(403, {});
    const all = [...this.comments.values()].flat();
    const known = this.comments.get(Number(route[1])) ?? [];
    switch (request.method) {
      case 'GET':
        return send(200, Number(url.searchParams.get('page') ?? 1) === 1 ? known : []);
      case 'POST': {
        this.#commentId += 1;
        const comment = { id: this.#commentId, body, user: { type: 'Bot' } };
        this.comments.set(Number(route[1]), [...known, comment]);
        return send(201, comment);
      }
      case 'PATCH': {
        const comment = all.find(({ id }) => id === Number(route[2]));
        if (comment === undefined) return send(404, {});
        comment.body = body;
        return send(200, comment);
      }
      default:
        return send(405, {});
    }
  }
}

/** What GitHub says of a job in its token ("OpenID Connect reference", subject claim). */
function subjectOf({ event }: Trigger, environment: string | undefined): string {
  if (environment !== undefined) return `environment:${environment}`;
  return event === 'pull_request' ? 'pull_request' : 'ref:refs/heads/main';
}

/** The workflows of the folder. */
export const workflowFiles = ['merge.yml', 'pull-request.yml', 'schedule-detect.yml', 'schedule-repair.yml'];

export function workflowIn(file: string): Workflow {
  return readWorkflow(join(exampleFolder, '.github/workflows', file));
}
