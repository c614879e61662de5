import type { PropertyMap } from '../../provider/resources/resource.ts';
import type { MixedProgram } from '../resources/engine.ts';
import { quarantine } from '../resources/host.ts';
import { asSecret, plantedReason } from './secrets.ts';
import type { HostOptions, Secrets } from './steps.ts';

/** One host, as a person declared it. */
export interface HostDeclaration {
  /** The machine that was meant, whatever became of its name since. */
  readonly machine: string;
  readonly machineId?: string;
  readonly deviceName?: string;
  readonly options: Omit<HostOptions, 'releaseIn'> & { readonly releaseAt?: string };
}

interface Resource {
  name: string;
  readonly kind: 'set' | 'single';
  readonly stack: 0 | 1;
  hosts: HostDeclaration[];
  /** An empty set may be declared; a single resource without a host is not. */
  isDeclared: boolean;
  maxReleases: number | undefined;
  /** Hashes of files that a set quarantines on all its hosts. */
  files: readonly string[];
}

/** What two stacks declare: who, where, how. */
export class Declarations {
  readonly #manifests: boolean;
  readonly #resources = new Map<string, Resource>([
    ['q1', resource('q1', 'set', 0)],
    ['q2', resource('q2', 'set', 0)],
    ['s1', resource('s1', 'single', 0)],
    ['s2', resource('s2', 'single', 0)],
    ['other', resource('other', 'set', 1)],
  ]);

  readonly #secrets: Secrets;

  constructor(manifests: boolean, secrets: Secrets) {
    this.#manifests = manifests;
    this.#secrets = secrets;
  }

  /** Of the resource that goes by this name now. */
  filesOf(name: string): readonly string[] {
    for (const each of this.#resources.values()) if (each.name === name) return each.files;
    return [];
  }

  of(key: string): Resource {
    const found = this.#resources.get(key);
    if (found === undefined) throw new Error(`no resource ${key}`);
    return found;
  }

  declare(key: string, host: HostDeclaration, twice: boolean): void {
    const here = this.of(key);
    for (const each of this.#resources.values()) {
      // Two stacks know nothing of each other.
      if (each.stack !== here.stack || (twice && each !== here)) continue;
      each.hosts = each.hosts.filter(({ machine }) => machine !== host.machine);
      if (each.kind === 'single' && each.hosts.length === 0) each.isDeclared = false;
    }
    here.hosts = here.kind === 'single' ? [host] : [...here.hosts, host];
    here.isDeclared = true;
  }

  undeclare(machine: string): void {
    for (const each of this.#resources.values()) {
      each.hosts = each.hosts.filter((host) => host.machine !== machine);
      if (each.kind === 'single' && each.hosts.length === 0) each.isDeclared = false;
    }
  }

  change(machine: string, options: HostDeclaration['options']): void {
    for (const each of this.#resources.values())
      each.hosts = each.hosts.map((host) => (host.machine === machine ? { ...host, options } : host));
  }

  drop(key: string): void {
    const here = this.of(key);
    here.hosts = [];
    here.isDeclared = false;
  }

  declared(stack: 0 | 1): readonly Resource[] {
    return [...this.#resources.values()].filter((each) => each.stack === stack && each.isDeclared);
  }

  hosts(stack: 0 | 1): readonly { readonly resource: string; readonly host: HostDeclaration }[] {
    return this.declared(stack).flatMap(({ name, kind, hosts }) =>
      hosts.map((host) => ({ resource: name, host: kind === 'set' ? host : withoutRestriction(host) })),
    );
  }

  program(stack: 0 | 1): MixedProgram {
    return Object.fromEntries(
      this.declared(stack).map(({ name, kind, hosts, maxReleases, files }) => {
        const [first] = hosts;
        if (kind === 'single' && first !== undefined) {
          const { restrictCodeExecution: _ofSets, ...inputs } = this.#propertiesOf(first, 'marked');
          return [name, inputs];
        }
        const guardrails = maxReleases === undefined ? {} : { guardrails: { maxReleases } };
        const asked =
          files.length === 0 || hosts.length === 0 ? {} : { files: files.map((sha1) => ({ sha1, comment: 'INC-9' })) };
        const common = { ...asked, ...guardrails };
        if (!this.#manifests) {
          const list = hosts.map((host) => this.#propertiesOf(host, this.#secrets === 'all' ? 'plain' : 'marked'));
          return [name, quarantine({ hosts: this.#secrets === 'all' ? asSecret(list) : list, ...common })];
        }
        // What stands in a text cannot be marked by itself.
        const list = hosts.map((host) => this.#propertiesOf(host, this.#secrets === 'all' ? 'plain' : 'none'));
        const manifest = JSON.stringify({ version: 1, hosts: list, ...common });
        return [name, quarantine({ manifest: this.#secrets === 'all' ? asSecret(manifest) : manifest })];
      }),
    );
  }

  /** @param secrets the reason is one, as it stands or with its mark; or it is none */
  #propertiesOf(
    { machineId, deviceName, options }: HostDeclaration,
    secrets: 'marked' | 'plain' | 'none',
  ): PropertyMap {
    const reason = options.comment ?? 'INC-0';
    const planted = `${plantedReason} of ${reason}`;
    const isSecret = this.#secrets !== 'none' && secrets !== 'none';
    return {
      ...(machineId === undefined ? {} : { machineId }),
      ...(deviceName === undefined ? {} : { deviceName }),
      ...options,
      comment: isSecret ? (secrets === 'marked' ? asSecret(planted) : planted) : reason,
    };
  }
}

function resource(name: string, kind: 'set' | 'single', stack: 0 | 1): Resource {
  return { name, kind, stack, hosts: [], isDeclared: false, maxReleases: undefined, files: [] };
}

/** A resource of one host isolates it, and no more. */
function withoutRestriction(host: HostDeclaration): HostDeclaration {
  if (host.options.restrictCodeExecution === undefined) return host;
  const { restrictCodeExecution: _ofSets, ...options } = host.options;
  return { ...host, options };
}
