import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundledPackage } from './build/notices.ts';
import { shippedPackages } from './build.ts';
import { isMain } from './is-main.ts';
import { type NpmRun, npm } from './npm.ts';

type Shipped = readonly Pick<BundledPackage, 'name' | 'version'>[];

/** The packages of a lock file by the place where they are installed. */
type Locked = Readonly<Record<string, { readonly version?: string; readonly name?: string }>>;

/** What an audit found. `not-asked`: nobody was there to ask, which says nothing about what ships. */
export type Audit =
  | { readonly kind: 'clean'; readonly packages: number }
  | { readonly kind: 'vulnerable'; readonly findings: readonly string[] }
  | { readonly kind: 'not-asked'; readonly because: string };

/** The part of `npm audit --json` (report version 2) that is read. */
interface Report {
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<
    Record<
      string,
      {
        readonly severity: string;
        /** Advisories; or the names of packages that it depends on, which are in the report themselves. */
        readonly via: readonly (string | { readonly title: string; readonly url: string })[];
        readonly nodes: readonly string[];
      }
    >
  >;
  readonly message?: string;
  readonly error?: { readonly summary?: string };
}

/** What npm's audit of the whole lock file says about the packages of which code ships, and about no other. */
export function shippedAudit(run: NpmRun, locked: Locked, shipped: Shipped): Audit {
  const report = parsed(run.stdout);
  if (report?.auditReportVersion !== 2 || report.vulnerabilities === undefined) {
    const told = [report?.message, report?.error?.summary, run.stderr].find((each) => each) ?? '';
    return { kind: 'not-asked', because: told.split('\n', 1)[0] || `npm ended with exit code ${run.code}` };
  }
  const wanted = new Set(shipped.map(({ name, version }) => `${name}@${version}`));
  const findings = Object.entries(report.vulnerabilities).flatMap(([name, { severity, via, nodes }]) => {
    const affected = new Set(nodes.map((node) => `${locked[node]?.name ?? name}@${locked[node]?.version ?? '?'}`));
    const advisories = via.filter((each) => typeof each !== 'string');
    return [...affected]
      .filter((ref) => wanted.has(ref))
      .flatMap((ref) => advisories.map(({ title, url }) => `${ref}: ${severity}: ${title} (${url})`));
  });
  return findings.length > 0 ? { kind: 'vulnerable', findings } : { kind: 'clean', packages: wanted.size };
}

function parsed(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}

/** Exit codes: 0 clean, 1 vulnerable, 2 nobody could be asked. */
export const exitCodes: Readonly<Record<Audit['kind'], number>> = { clean: 0, vulnerable: 1, 'not-asked': 2 };

export function auditText(audit: Audit): string {
  switch (audit.kind) {
    case 'clean':
      return `no advisory is known for any of the ${audit.packages} packages in what ships`;
    case 'vulnerable':
      return ['in what ships:', ...audit.findings].join('\n  ');
    case 'not-asked':
      return `NOT AUDITED: the registry did not answer the question (${audit.because}). Run it again where the registry's advisories can be reached.`;
  }
}

if (isMain(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Locked };
  const [shipped, run] = await Promise.all([
    shippedPackages(root),
    npm(root, ['audit', '--package-lock-only', '--json']),
  ]);
  const audit = shippedAudit(run, lock.packages, shipped);
  (audit.kind === 'clean' ? console.log : console.error)(auditText(audit));
  process.exitCode = exitCodes[audit.kind];
}
