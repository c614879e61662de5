import { isMarked } from '../../provider/containment/mark.ts';
import { isObserved } from '../../provider/containment/observation.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import type { HostDeclaration, ManifestGuardrails } from '../../provider/manifest/manifest.ts';
import type { Sight } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { type DeclaredHost, readDeclared, resolveDeclared } from '../declared-hosts.ts';
import type { CliPorts } from '../ports.ts';
import { inSession } from '../session.ts';
import type { SignInOptions } from '../sign-in.ts';
import { declaredStatus } from './declared-status.ts';
import { type HostStatus, worstFirst } from './host-status.ts';
import { formatStatus, type StatusFormat, type StatusReport } from './report.ts';
import { marksOf, type StackName } from './stack-marks.ts';
import { containedHosts, containedStatus, undeclaredStatus } from './tenant-status.ts';

export interface StatusOptions {
  /** Absent: every contained host of the tenant, or with `stack` those of the stack. */
  readonly file: string | undefined;
  /** Whose undeclared hosts are looked for. */
  readonly stack: StackName | undefined;
  readonly format: StatusFormat;
  readonly signIn: SignInOptions;
}

/** Tells how hosts stand. Answers the exit code: 0 in sync, 2 drift, 1 where a host could not be observed. Writes nothing. */
export async function status(options: StatusOptions, ports: CliPorts): Promise<number> {
  const declared = options.file === undefined ? undefined : await readDeclared(options.file, ports);
  const report = await inSession(options.signIn, ports, async (runtime) => {
    if (declared === undefined) return tenantReport(options.stack, runtime);
    const judging = withProtection(runtime, declared.manifest.guardrails);
    return declaredReport(await resolveDeclared(declared, judging), options.stack, judging);
  });
  ports.terminal.out(formatStatus(report, options.format, ports.terminal.outColours));
  return exitCode(report);
}

function exitCode({ hosts, declared }: StatusReport): number {
  // A machine that left the tenant is nobody's error, as long as nobody declares it.
  if (declared === undefined) return hosts.some(({ state }) => state === 'unknown') ? 1 : 0;
  if (hosts.some(({ standing }) => standing === 'unobserved')) return 1;
  return hosts.every(({ standing }) => standing === 'in-sync') ? 0 : 2;
}

async function tenantReport(stack: StackName | undefined, runtime: Runtime): Promise<StatusReport> {
  const isOurs = marksOf(stack);
  const sights = await containedHosts(runtime, runtime.fleet.clock.monotonic());
  // What cannot be looked at may be the stack's.
  const wanted = sights.filter(
    ({ observation }) => stack === undefined || !isObserved(observation) || observation.chain.some(isOurs),
  );
  return {
    hosts: worstFirst(wanted.map((sight) => containedStatus(sight, runtime))),
    declared: undefined,
    others: undefined,
  };
}

async function declaredReport(
  declared: readonly DeclaredHost[],
  stack: StackName | undefined,
  runtime: Runtime,
): Promise<StatusReport> {
  const notBefore = runtime.fleet.clock.monotonic();
  const isOurs = marksOf(stack);
  const statuses = await Promise.all(declared.map((host) => declaredStatus(host, isOurs, runtime, notBefore)));
  const ids = new Set(declared.flatMap(({ declaration, meant }) => idsMeant(declaration, meant)));
  const unresolved = new Set(
    declared.flatMap(({ declaration, meant }) => ('error' in meant ? namesOf(declaration) : [])),
  );
  const others: HostStatus[] = [];
  let contained = 0;
  let marked = 0;
  for (const sight of await containedHosts(runtime, notBefore, ids)) {
    // A declared name that could not be resolved may mean this machine: it is told as unobserved already.
    if (unresolved.has(sight.machine?.computerDnsName?.toLowerCase() ?? '')) continue;
    const status = stack === undefined ? undefined : ofStack(sight, stack, isOurs, runtime);
    if (status !== undefined) others.push(status);
    else contained += 1;
    if (status === undefined && isObserved(sight.observation) && sight.observation.chain.some(isMarked)) marked += 1;
  }
  return {
    hosts: worstFirst([...statuses, ...others]),
    declared: declared.length,
    others: { contained, marked, stackGiven: stack !== undefined },
  };
}

/** What could not be looked at may be the stack's, and is never passed over. */
function ofStack(sight: Sight, stack: StackName, isOurs: (action: MachineAction) => boolean, runtime: Runtime) {
  return sight.observation.state === 'unknown'
    ? containedStatus(sight, runtime)
    : undeclaredStatus(sight, stack, isOurs, runtime);
}

function idsMeant(declaration: HostDeclaration, meant: DeclaredHost['meant']) {
  if ('machineId' in meant) return [meant.machineId];
  return declaration.machineId === undefined ? [] : [declaration.machineId];
}

function namesOf({ deviceName }: HostDeclaration): readonly string[] {
  return deviceName === undefined ? [] : [deviceName.toLowerCase()];
}

/** What the manifest protects is protected in the run that takes it. */
function withProtection(runtime: Runtime, guardrails: ManifestGuardrails): Runtime {
  const added = guardrails.protected;
  if (added === undefined) return runtime;
  const { protection } = runtime.settings;
  return {
    ...runtime,
    settings: {
      ...runtime.settings,
      protection: {
        machineIds: [...protection.machineIds, ...(added.machineIds ?? [])],
        names: [...protection.names, ...(added.names ?? [])],
        tags: [...protection.tags, ...(added.tags ?? [])],
        osPlatforms: [...protection.osPlatforms, ...(added.osPlatforms ?? [])],
      },
    },
  };
}
