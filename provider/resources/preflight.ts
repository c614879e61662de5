import type { TokenIdentity } from '../defender/api.ts';
import { isDefenderError } from '../defender/errors.ts';
import { groupsOf, missingGroups, nameFor, type Permissions, permissions } from '../defender/permissions.ts';
import type { Route } from '../defender/routes.ts';
import { askedBeside } from './quarantine/asked-beside.ts';
import type { OperationContext, PropertyMap, Resource } from './resource.ts';

/** Properties of a row's `writesFor` that checked inputs make use of, by token. */
const asked: Readonly<Record<string, (checked: PropertyMap) => readonly string[]>> = {
  'mde:index:Quarantine': askedBeside,
};

/**
 * Says before the first write of a run which roles are missing for what was declared so far: the engine checks a resource
 * before it acts on it, and declares others meanwhile. It refuses nothing: what needs no missing role goes on, and what
 * does is refused by the client before it is sent.
 */
export class Preflight {
  readonly #identity: () => Promise<TokenIdentity>;
  /** What needs roles, with the name of the resource that was declared with it first. */
  readonly #declared = new Map<string, { readonly routes: readonly Route[]; readonly needing: string }>();
  readonly #told = new Set<string>();

  constructor(identity: () => Promise<TokenIdentity>) {
    this.#identity = identity;
  }

  /** The same resource, which is looked at before it acts. */
  guard(resource: Resource): Resource {
    const { token } = resource;
    const { reads, writes, writesFor = {} }: Permissions = permissions[token] ?? { reads: [], writes: [] };
    const note = ({ declaration }: OperationContext, properties: readonly string[] = []) => {
      const own = `${token.split(':').at(-1)} ${declaration.name}`;
      if (!this.#declared.has(token)) this.#declared.set(token, { routes: [...reads, ...writes], needing: own });
      for (const property of properties) {
        const key = `${token} ${property}`;
        const routes = writesFor[property] ?? [];
        if (!this.#declared.has(key)) this.#declared.set(key, { routes, needing: `${own} with ${property}` });
      }
    };
    const tell = async (context: OperationContext): Promise<void> => {
      note(context);
      if (!context.preview) await this.#tell(context);
    };
    return {
      ...resource,
      async check(context, oldInputs, news) {
        const checked = await resource.check(context, oldInputs, news);
        note(context, checked.failures.length === 0 ? (asked[token]?.(checked.inputs) ?? []) : []);
        return checked;
      },
      async create(context, inputs) {
        await tell(context);
        return resource.create(context, inputs);
      },
      async update(context, ...given) {
        await tell(context);
        return resource.update(context, ...given);
      },
      async delete(context, ...given) {
        await tell(context);
        return resource.delete(context, ...given);
      },
    };
  }

  async #tell({ log }: OperationContext): Promise<void> {
    let identity: TokenIdentity;
    try {
      identity = await this.#identity();
    } catch (error) {
      // The operation itself says why nobody could sign in.
      if (isDefenderError(error)) return;
      throw error;
    }
    const missing = new Map<string, string[]>();
    for (const { routes, needing } of this.#declared.values()) {
      for (const [role = ''] of missingGroups(groupsOf(routes), identity)) {
        const known = missing.get(role);
        if (known === undefined) missing.set(role, [needing]);
        else known.push(needing);
      }
    }
    const untold = [...missing].filter(([role]) => !this.#told.has(role));
    if (untold.length === 0) return;
    for (const [role] of untold) this.#told.add(role);
    const list = untold.map(([role, needing]) => `${nameFor(identity, role)} (for ${needing.join(', ')})`).join('; ');
    const names = untold.map(([role]) => nameFor(identity, role)).join(', ');
    const grant = identity.delegated
      ? `Consent to the delegated permissions ${names} of WindowsDefenderATP, and sign in anew`
      : `Grant the app registration the application permissions ${names} of WindowsDefenderATP, with admin consent, and run again`;
    log.warn(`this sign-in lacks ${list}. What needs none of it goes on. ${grant}`);
  }
}
