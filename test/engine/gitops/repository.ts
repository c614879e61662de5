import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '../../../simulator/start.ts';
import { type EngineEnv, withoutUsersSettings } from '../../../tools/engine-env.ts';
import { shown } from '../world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the folder to copy lies. */
export const exampleFolder = join(root, 'examples/gitops');

/** One host of a manifest. */
export type ManifestHost = Readonly<Record<string, unknown>>;

/** What a repository is made of: an engine of its own with state and home, and a simulated Defender. */
export interface Site {
  readonly simulator: Simulator;
  readonly engine: EngineEnv;
  /** Without a leading v. */
  readonly engineVersion: string;
}

/**
 * `examples/gitops` copied into an empty repository, with the package that npm packs of `dist/` as it lies there, set up as
 * its README says.
 */
export class Repository {
  /** The working copy of whoever owns it. */
  readonly folder: string;
  readonly #site: Site;
  #checkouts = 0;

  private constructor(site: Site, folder: string) {
    this.#site = site;
    this.folder = folder;
  }

  static async make(site: Site): Promise<Repository> {
    const folder = join(site.engine.folder, 'repository');
    // What somebody made of the folder there stays there.
    const left = /^(node_modules|package-lock\.json|Pulumi\..+\.yaml)$/;
    cpSync(exampleFolder, folder, { recursive: true, filter: (path) => !left.test(basename(path)) });
    const repository = new Repository(site, folder);
    repository.git('init', '--quiet', '--initial-branch=main');
    repository.#install();
    repository.write('Pulumi.prod.yaml', `config:\n  mde:apiUrl: ${site.simulator.apiUrl}\n`);
    const init = await site.engine.run(['stack', 'init', 'prod', '--non-interactive'], { cwd: folder });
    if (init.code !== 0) throw new Error(`stack init failed:\n${shown(init)}`);
    repository.commit('The folder, as copied');
    return repository;
  }

  /** The environment of a machine that runs pipelines: nothing of whoever runs the tests, and no network for npm. */
  machine(): Record<string, string> {
    const { engine, simulator } = this.#site;
    const { AZURE_CLIENT_SECRET: _, AZURE_CLIENT_ID: __, AZURE_TENANT_ID: ___, ...reachable } = simulator.environment();
    const home = join(engine.folder, 'runner');
    mkdirSync(home, { recursive: true });
    const settings = [...Object.entries(withoutUsersSettings(process.env)), ...Object.entries(engine.env)];
    const kept = settings.filter(([name]) => !/^(GITHUB_|ACTIONS_|RUNNER_|GIT_|CI$|npm_|NODE_)/i.test(name));
    return { ...Object.fromEntries(kept), ...reachable, ...this.#npm(), HOME: home, NO_COLOR: '1' };
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=Contoso', '-c', 'user.email=soc@contoso.com', '-c', 'commit.gpgsign=false'];
    // Whatever repository, identity or hook the tests themselves were started from.
    const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
    const env = { ...Object.fromEntries(outside), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
    return execFileSync('git', [...identity, ...args], { cwd: this.folder, encoding: 'utf8', env }).trim();
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Writes quarantine.yaml. JSON is YAML. */
  declare(hosts: readonly ManifestHost[], guardrails: Readonly<Record<string, unknown>> = {}): void {
    this.write('quarantine.yaml', JSON.stringify({ version: 1, comment: 'INC-4711', guardrails, hosts }, null, 2));
  }

  /** Commits all that lies there; answers the commit. */
  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** A fresh checkout of a branch, or of an older commit of it, as a runner has it. */
  checkout(branch: string, commit?: string): string {
    this.#checkouts += 1;
    const folder = join(this.#site.engine.folder, 'checkouts', String(this.#checkouts));
    this.git('clone', '--quiet', '--branch', branch, this.folder, folder);
    if (commit !== undefined) this.git('-C', folder, 'checkout', '--quiet', '--detach', commit);
    return folder;
  }

  /** A fresh checkout of main in which the packages are installed. */
  installedCheckout(): string {
    const folder = this.checkout('main');
    symlinkSync(join(this.folder, 'node_modules'), join(folder, 'node_modules'));
    return folder;
  }

  /** The packed package in place of one from the registry, and the lock file that the README asks for. */
  #install(): void {
    const { engine } = this.#site;
    const env = { ...process.env, ...this.#npm() };
    const npm = (cwd: string, ...args: string[]) => execFileSync('npm', args, { cwd, encoding: 'utf8', env });
    const packed = npm(root, 'pack', '--json', '--ignore-scripts', `--pack-destination=${engine.folder}`);
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    cpSync(join(engine.folder, filename), join(this.folder, filename));
    npm(this.folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', `./${filename}`);
  }

  #npm(): Record<string, string> {
    return {
      npm_config_offline: 'true',
      npm_config_cache: join(this.#site.engine.folder, 'npm'),
      npm_config_update_notifier: 'false',
      npm_config_loglevel: 'error',
    };
  }
}
