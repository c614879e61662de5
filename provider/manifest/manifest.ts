import type { MachineId } from '../defender/machine.ts';
import type { IsolationType } from '../defender/machine-action.ts';
import { declare, textKeys } from './declarations.ts';
import { copyInline } from './inline-data.ts';
import { type Found, inOrder, type Origin, type Report } from './problem.ts';
import { formatPath, type PropertyPath, parsePath } from './property-path.ts';
import { checkStructure } from './structure.ts';
import { readYaml } from './yaml-text.ts';

export { describeProblem } from './problem.ts';

/** One host as a manifest or inline `hosts` declares it, defaults applied, validated, ids in lower case. */
export interface HostDeclaration {
  /** This or `deviceName`, or both; with both, the machine must bear that name. */
  readonly machineId?: MachineId;
  /** The whole name as written; upper and lower case are the same. */
  readonly deviceName?: string;
  /** Never blank. */
  readonly comment: string;
  readonly isolationType: IsolationType;
  readonly waitFor: 'Succeeded' | 'Submitted';
  readonly onDelete: 'release' | 'retain';
  readonly onManualRelease: 'reisolate' | 'hold';
  /** A Go duration, at most `168h`. */
  readonly renewBefore: string;
  /** RFC 3339 with a zone; may be past. */
  readonly releaseAt?: string;
  readonly takeOwnership?: boolean;
  readonly allowTypeChange?: boolean;
  readonly allowProtected?: boolean;
  readonly releaseForeign?: boolean;
  /** Beside its isolation, only programs signed by Microsoft run on the host. */
  readonly restrictCodeExecution?: boolean;
}

/** One file to quarantine, validated, in lower case. */
export interface FileDeclaration {
  readonly sha1: string;
  /** Never blank. */
  readonly comment: string;
  /** Without both lists: all hosts of the manifest. */
  readonly machineIds?: readonly MachineId[];
  readonly deviceNames?: readonly string[];
}

/** What the manifest says of guardrails (semantics 8); absent ones are whatever applies elsewhere. */
export interface ManifestGuardrails {
  readonly maxReleases?: number;
  readonly maxReleasePercent?: number;
  readonly maxIsolations?: number;
  /** `60-ab12cd34`, as a refusal prints it. */
  readonly allowReleases?: string;
  readonly protected?: {
    /** In lower case. */
    readonly machineIds?: readonly string[];
    readonly names?: readonly string[];
    readonly tags?: readonly string[];
    readonly osPlatforms?: readonly string[];
  };
}

export interface Manifest {
  readonly guardrails: ManifestGuardrails;
  /** In the order of the text; empty only where the text says `hosts: []`. */
  readonly hosts: readonly HostDeclaration[];
  /** Absent where there are none. */
  readonly files?: readonly FileDeclaration[];
}

/** A place in a text, counted from 1; columns in UTF-16 units, as editors count them. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong, and where. */
export interface ManifestProblem {
  /** Such as `hosts[3].deviceName`; '' for the whole. */
  readonly path: string;
  /** Absent for inline data. */
  readonly line?: number;
  readonly column?: number;
  /** What would be right, too; on one line, safe for a terminal. */
  readonly reason: string;
}

export interface Reading {
  /** Undefined exactly where there are problems. */
  readonly manifest: Manifest | undefined;
  /** In the order of the text; at most 50, then one that says how many more. */
  readonly problems: readonly ManifestProblem[];
  /**
   * Where a path stands in the text, for checks that come later, such as of a releaseAt in the past: its key, or what
   * would hold it where it is not written. Undefined for inline data.
   */
  locate(path: string): Place | undefined;
}

/** What hosts get that a manifest says nothing of: the options of the resource that holds it. */
export type HostDefaults = Partial<Omit<HostDeclaration, 'machineId' | 'deviceName'>>;

/**
 * Reads a manifest's text. Never throws for what the text says.
 *
 * @param defaults apply where neither the host nor the manifest's top says otherwise
 */
export async function readManifest(text: string, defaults: HostDefaults = {}): Promise<Reading> {
  const found: Found[] = [];
  const { data, origin } = await readYaml(text, textKeys, reportTo(found));
  return judge(data, defaults, origin, found);
}

/** The same of data that a program gives: `{ hosts, guardrails? }`; it needs no version. */
export async function readInline(data: unknown, defaults: HostDefaults = {}): Promise<Reading> {
  const found: Found[] = [];
  const { data: copied, origin } = copyInline(data, reportTo(found));
  const isMap = typeof copied === 'object' && copied !== null && !Array.isArray(copied);
  if (isMap && !Object.hasOwn(copied, 'version')) Object.assign(copied, { version: 1 });
  return judge(copied, defaults, origin, found);
}

function reportTo(found: Found[]): Report {
  return (path, reason, offset) => found.push({ path, reason, ...(offset === undefined ? {} : { offset }) });
}

/** @param data undefined where reading found nothing that could be judged, and said so */
async function judge(data: unknown, defaults: HostDefaults, origin: Origin, found: Found[]): Promise<Reading> {
  const report = reportTo(found);
  const where = (path: PropertyPath) => {
    const place = origin.placeOf(path);
    return place === undefined ? `as ${formatPath(path)}` : `in line ${place.line} (${formatPath(path)})`;
  };
  // Our own words first: of two problems in one place the first is told.
  const manifest = data === undefined ? undefined : declare(data, defaults, report, where);
  if (data !== undefined) await checkStructure(data, report);
  return {
    manifest: found.length === 0 ? manifest : undefined,
    problems: inOrder(found, origin),
    locate: (path) => origin.placeOf(parsePath(path)),
  };
}
