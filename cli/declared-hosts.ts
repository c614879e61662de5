import type { Machine, MachineId } from '../provider/defender/machine.ts';
import { describeProblem, type HostDeclaration, type Manifest, readManifest } from '../provider/manifest/manifest.ts';
import { resolveName } from '../provider/resources/machine-isolation/machine-name.ts';
import { UserError } from '../provider/resources/resource.ts';
import type { Runtime } from '../provider/resources/runtime.ts';
import { CliError, type CliPorts } from './ports.ts';
import { readText } from './read-text.ts';
import { shown } from './safe-text.ts';

/** One host of a manifest, and which machine it means. */
export interface DeclaredHost {
  readonly declaration: HostDeclaration;
  /** Such as `hosts[3]`. */
  readonly path: string;
  /** Its line in the file. */
  readonly line: number | undefined;
  readonly meant: { readonly machineId: MachineId } | { readonly error: string };
}

/** @throws CliError with every problem of the file */
export async function readDeclared(
  file: string,
  ports: Pick<CliPorts, 'readFile'>,
): Promise<{ readonly manifest: Manifest; line(path: string): number | undefined }> {
  const read = await readText(file, ports);
  if ('failure' in read) throw new CliError(`${shown(file)}: ${read.failure}.`);
  const reading = await readManifest(read.text);
  if (reading.manifest === undefined) {
    const problems = reading.problems.map((problem) => shown(describeProblem(problem, file)));
    throw new CliError(
      `${problems.join('\n')}\nThe manifest is not valid, so nothing was looked up. Correct it first.`,
    );
  }
  return { manifest: reading.manifest, line: (path) => reading.locate(path)?.line };
}

/** Which machine each host means (semantics 6.1), in the order of the manifest. Of two that mean the same, both are in error. */
export async function resolveDeclared(
  { manifest, line }: Awaited<ReturnType<typeof readDeclared>>,
  runtime: Runtime,
): Promise<readonly DeclaredHost[]> {
  const hosts = await Promise.all(
    manifest.hosts.map(async (declaration, index) => {
      const path = `hosts[${index}]`;
      return { declaration, path, line: line(path), meant: await meant(declaration, runtime) };
    }),
  );
  const counts = new Map<MachineId, number>();
  for (const { meant } of hosts) {
    if ('machineId' in meant) counts.set(meant.machineId, (counts.get(meant.machineId) ?? 0) + 1);
  }
  return hosts.map((host) => {
    if (!('machineId' in host.meant) || counts.get(host.meant.machineId) === 1) return host;
    const { machineId } = host.meant;
    const others = hosts.filter(
      (other) => other !== host && 'machineId' in other.meant && other.meant.machineId === machineId,
    );
    const paths = others.map((other) => other.path).join(', ');
    return { ...host, meant: { error: `it means machine ${machineId}, and so does ${paths}; drop one of them` } };
  });
}

async function meant(declaration: HostDeclaration, runtime: Runtime): Promise<DeclaredHost['meant']> {
  const { machineId, deviceName } = declaration;
  if (machineId !== undefined) return { machineId };
  try {
    return { machineId: (await resolveName(deviceName ?? '', runtime)).id };
  } catch (error) {
    if (error instanceof UserError) return { error: error.message };
    throw error;
  }
}

/** Why a machine is not the one that a declaration of id and name together means; undefined where it is. */
export function nameContradicts(declaration: HostDeclaration, machine: Machine): string | undefined {
  const { machineId, deviceName } = declaration;
  if (machineId === undefined || deviceName === undefined) return undefined;
  const actual = machine.computerDnsName;
  if (actual?.toLowerCase() === deviceName.toLowerCase()) return undefined;
  return `machineId and deviceName contradict each other: Defender calls machine ${machineId} ${actual ?? '(no name)'}, declared is ${deviceName}. Drop the one that is wrong`;
}
