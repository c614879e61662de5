import { parseRfc3339 } from '../../containment/duration.ts';
import { parseMachineId } from '../../defender/machine.ts';
import type { Claims } from '../../fleet/claims.ts';
import { keyInSet } from '../../fleet/release-gate.ts';
import {
  describeProblem,
  type HostDefaults,
  type Manifest,
  type Reading,
  readInline,
  readManifest,
} from '../../manifest/manifest.ts';
import { declaredTwice } from '../machine-isolation/claim.ts';
import type { MachineIsolationPorts } from '../machine-isolation.ts';
import type { CheckFailure, CheckResult, OperationContext, PropertyMap, PropertyValue } from '../resource.ts';
import { UserError, unknown } from '../resource.ts';
import { quarantineInputNames } from '../schema-types.ts';
import { type DeclaredHost, declaredHost } from './declared-host.ts';
import { declaredSet, hasUnknown, linesToHosts } from './declared-set.ts';
import { lineOfFile } from './files.ts';
import { tighter } from './own-guardrails.ts';

/** What a set needs to be checked: it claims its hosts for both pairs of actions, each where that is declared. */
type SetPorts = Pick<MachineIsolationPorts, 'claims' | 'now'> & { readonly restrictionClaims: Claims };

/**
 * Reads the manifest or the inline hosts, and normalises both to one line a host, so that a difference is one of hosts.
 * Claims every host for the run (semantics 6.4); where they cannot be told, nothing is released in this run.
 */
export async function check(
  context: OperationContext,
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  ports: SetPorts,
): Promise<CheckResult> {
  const both = [ports.claims, ports.restrictionClaims];
  for (const claims of both) claims.withdrawSet(context.declaration.key);
  const result = await read(context, oldInputs, news, ports);
  for (const claims of both) claims.noteUnread(context.declaration.key, result.failures.length > 0);
  return result;
}

async function read(
  context: OperationContext,
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  ports: SetPorts,
): Promise<CheckResult> {
  const given = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== undefined && value !== null));
  const strangers = Object.keys(given).filter((name) => !(quarantineInputNames as readonly string[]).includes(name));
  if (strangers.length > 0) {
    return {
      inputs: given,
      failures: strangers.map((property) => ({
        property,
        reason: `Quarantine has no property ${property}; it has ${quarantineInputNames.join(', ')}`,
      })),
    };
  }
  if (Object.values(given).some(hasUnknown)) return { inputs: withUnknownHosts(given), failures: [] };
  const { manifest, hosts, files } = given;
  // With ignoreChanges the engine hands back what an earlier check made of the hosts, beside the program's own manifest.
  if (isLines(hosts)) return normalised(context, given, ports);
  if (manifest !== undefined && hosts !== undefined) return refused(given, 'hosts', 'give manifest or hosts, not both');
  if (manifest !== undefined && files !== undefined && !isLines(files))
    return refused(given, 'files', 'where there is a manifest, its files stand in it');
  if (manifest === undefined && hosts === undefined) {
    return refused(
      given,
      'manifest',
      'either manifest (the text of a quarantine.yaml) or hosts says who is isolated; both are missing. Nothing was released. Where no host is meant any more, write hosts: []',
    );
  }
  if (manifest !== undefined && typeof manifest !== 'string')
    return refused(given, 'manifest', 'must be the text of a quarantine.yaml, such as fn::readFile: ./quarantine.yaml');
  if (hosts !== undefined && !Array.isArray(hosts)) return normalised(context, given, ports);

  const reading =
    manifest !== undefined
      ? await readManifest(manifest, defaultsOf(given))
      : await readInline(files === undefined ? { hosts } : { hosts, files }, defaultsOf(given));
  const property = manifest !== undefined ? 'manifest' : 'hosts';
  // The options of the resource are judged by the same rules, in a manifest of their own.
  const options = await readInline({ hosts: [], ...optionsOf(given) });
  const failures: CheckFailure[] = [
    ...options.problems.map(({ path, reason }) => ({ property: path, reason })),
    ...reading.problems.map((problem) => ({
      property: manifest === undefined && problem.path.startsWith('files') ? 'files' : property,
      reason: describeProblem(problem),
    })),
  ];
  if (reading.manifest === undefined || options.manifest === undefined) return { inputs: given, failures };
  const declared = reading.manifest.hosts.map(declaredHost);
  failures.push(
    ...(await pastReleases(reading, declared, oldInputs, ports.now())).map((reason) => ({ property, reason })),
  );
  failures.push(...claimAll(context, declared, ports).map((reason) => ({ property, reason })));
  const guardrails = tighter(reading.manifest.guardrails, options.manifest.guardrails);
  return { inputs: inputsOf(declared, guardrails, linesOfFiles(reading.manifest.files)), failures };
}

function refused(inputs: PropertyMap, property: string, reason: string): CheckResult {
  return { inputs, failures: [{ property, reason }] };
}

function inputsOf(
  declared: readonly DeclaredHost[],
  guardrails: Manifest['guardrails'],
  files: PropertyValue | undefined,
): PropertyMap {
  return {
    hosts: Object.fromEntries(declared.map((host) => [host.key, host.line])),
    ...(files === undefined ? {} : { files }),
    ...(Object.keys(guardrails).length === 0 ? {} : { guardrails: guardrails as PropertyMap }),
  };
}

function linesOfFiles(files: Manifest['files']): PropertyMap | undefined {
  return files === undefined ? undefined : Object.fromEntries(files.map((file) => [file.sha1, lineOfFile(file)]));
}

/** In a preview the hosts may come from resources that are not there yet. */
function withUnknownHosts(given: PropertyMap): PropertyMap {
  const { guardrails } = given;
  return guardrails === undefined || hasUnknown(guardrails) ? { hosts: unknown } : { hosts: unknown, guardrails };
}

const notOptions = ['manifest', 'hosts', 'files'];

function optionsOf(given: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !notOptions.includes(name)));
}

function defaultsOf(given: PropertyMap): HostDefaults {
  const { guardrails, ...defaults } = optionsOf(given);
  return defaults as HostDefaults;
}

async function normalised(
  context: OperationContext,
  given: PropertyMap,
  ports: Pick<SetPorts, 'claims' | 'restrictionClaims'>,
): Promise<CheckResult> {
  let declared: readonly DeclaredHost[];
  try {
    declared = [...linesToHosts(given.hosts).values()];
  } catch (error) {
    if (error instanceof UserError) return refused(given, 'hosts', `must be a list of hosts. ${error.message}`);
    throw error;
  }
  const files = await filesBeside(declared, given);
  const failures = [
    ...claimAll(context, declared, ports).map((reason) => ({ property: 'hosts', reason })),
    ...files.problems,
  ];
  return { inputs: inputsOf(declared, (given.guardrails ?? {}) as Manifest['guardrails'], files.lines), failures };
}

/** Files beside hosts that an earlier check has read already: they may be ignored as well, or not. */
async function filesBeside(
  declared: readonly DeclaredHost[],
  { files, manifest, comment }: PropertyMap,
): Promise<{ readonly lines: PropertyValue | undefined; readonly problems: readonly CheckFailure[] }> {
  if (isLines(files)) return { lines: files, problems: [] };
  const property = files === undefined ? 'manifest' : 'files';
  let reading: Reading;
  if (files !== undefined) reading = await readInline({ hosts: declared.map(({ inputs }) => inputs), files, comment });
  else if (typeof manifest === 'string') reading = await readManifest(manifest, { comment: String(comment ?? '-') });
  else return { lines: undefined, problems: [] };
  return {
    lines: linesOfFiles(reading.manifest?.files),
    problems: reading.problems.map((problem) => ({ property, reason: describeProblem(problem) })),
  };
}

/** Semantics 8.7: a moment in the past is a mistake where it is new; where it has come meanwhile, the release is due. */
async function pastReleases(
  reading: Reading,
  declared: readonly DeclaredHost[],
  oldInputs: PropertyMap | undefined,
  now: number,
): Promise<readonly string[]> {
  const past = declared.flatMap((host, index) => {
    const { releaseAt } = host.inputs;
    const moment = releaseAt === undefined ? undefined : parseRfc3339(releaseAt);
    return moment !== undefined && moment <= now ? [{ host, index, releaseAt }] : [];
  });
  if (past.length === 0) return [];
  const before = await declaredBefore(oldInputs);
  return past.flatMap(({ host, index, releaseAt }) => {
    if (before.some((old) => isSameHost(old, host) && old.inputs.releaseAt === releaseAt)) return [];
    const path = `hosts[${index}].releaseAt`;
    const reason = `${releaseAt} is past; give a moment to come, or remove the host to release it now`;
    return [describeProblem({ path, reason, ...reading.locate(path) })];
  });
}

async function declaredBefore(oldInputs: PropertyMap | undefined): Promise<readonly DeclaredHost[]> {
  try {
    return [...((await declaredSet(oldInputs ?? {}))?.values() ?? [])];
  } catch (error) {
    // What is wrong with the state is told where it is acted on.
    if (error instanceof UserError) return [];
    throw error;
  }
}

function isSameHost(a: DeclaredHost, b: DeclaredHost): boolean {
  return a.key === b.key || (a.inputs.machineId !== undefined && a.inputs.machineId === b.inputs.machineId);
}

function isLines(hosts: PropertyMap[string]): boolean {
  return typeof hosts === 'object' && hosts !== null && !Array.isArray(hosts);
}

function claimAll(
  context: OperationContext,
  declared: readonly DeclaredHost[],
  { claims, restrictionClaims }: Pick<SetPorts, 'claims' | 'restrictionClaims'>,
): readonly string[] {
  return declared.flatMap(({ key, inputs, restricts }) => {
    const machineId = inputs.machineId === undefined ? undefined : parseMachineId(inputs.machineId);
    const claim = { machineId, deviceName: inputs.deviceName };
    const own = keyInSet(context.declaration.key, key);
    const others = [claims.claim(own, claim), restricts ? restrictionClaims.claim(own, claim) : undefined];
    const other = others.find((each) => each !== undefined);
    return other === undefined ? [] : [declaredTwice(key, other)];
  });
}
