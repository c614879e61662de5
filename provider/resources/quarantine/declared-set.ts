import { readInline } from '../../manifest/manifest.ts';
import { type PropertyMap, type PropertyValue, UserError, unknown } from '../resource.ts';
import { type DeclaredHost, declaredByLine, declaredHost } from './declared-host.ts';
import { linesOf } from './known-host.ts';

/**
 * The hosts of a set's inputs, by key: lines as `check` leaves them, or a list as an import tells it. `undefined` where
 * they are not known yet.
 */
export async function declaredSet(inputs: PropertyMap): Promise<ReadonlyMap<string, DeclaredHost> | undefined> {
  const { hosts } = inputs;
  if (hasUnknown(hosts) || hasUnknown(inputs.manifest)) return undefined;
  if (hosts === undefined || hosts === null) return new Map();
  if (Array.isArray(hosts)) {
    const { manifest, problems } = await readInline({ hosts });
    if (manifest === undefined)
      throw new UserError(problems.map(({ path, reason }) => `${path}: ${reason}`).join('\n'));
    return byKey(manifest.hosts.map(declaredHost));
  }
  return linesToHosts(hosts);
}

/** Lines back to hosts; throws UserError for what is no line of ours. */
export function linesToHosts(value: unknown): ReadonlyMap<string, DeclaredHost> {
  const hosts = Object.entries(linesOf(value)).map(([key, line]) => {
    const host = typeof line === 'string' ? declaredByLine(key, line) : undefined;
    if (host === undefined)
      throw new UserError(`hosts[${JSON.stringify(key)}]: this is no host as pulumi-mde writes it`);
    return host;
  });
  return byKey(hosts);
}

function byKey(hosts: readonly DeclaredHost[]): ReadonlyMap<string, DeclaredHost> {
  return new Map(hosts.map((host) => [host.key, host]));
}

/** Whether something in it is known only after the deployment. */
export function hasUnknown(value: PropertyValue | undefined): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnknown);
}
