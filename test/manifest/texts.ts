import { describeProblem, type HostDefaults, readManifest } from '../../provider/manifest/manifest.ts';

/** A machine id that is told apart by its number. */
export function machineId(n: number): string {
  return n.toString(16).padStart(40, '0');
}

/** `line:column path: reason` of each problem in a text. */
export async function problemsOf(text: string, defaults?: HostDefaults): Promise<readonly string[]> {
  const { problems } = await readManifest(text, defaults);
  return problems.map((problem) => describeProblem(problem, 'q.yaml').replace(/^q\.yaml:/, ''));
}

/** The design's example, without the part that does not exist yet. */
export const example = `# yaml-language-server: $schema=../../schema/quarantine.schema.json
version: 1
comment: INC-4711 ransomware, floor 3        # default reason
guardrails: { maxReleases: 3, protected: { tags: [domain-controller] } }
hosts:
  - machineId: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07
    deviceName: laptop-7.contoso.com         # when both are given they must agree
    isolationType: Selective
    releaseAt: 2026-12-01T08:00:00Z
    comment: INC-4711 patient zero
  - deviceName: laptop-8.contoso.com
`;

/** Every key that there is. */
export const everything = `version: 1
comment: INC-1
isolationType: Full
releaseAt: 2026-12-01T08:00:00+01:00
waitFor: Submitted
onDelete: retain
onManualRelease: hold
takeOwnership: false
allowTypeChange: true
allowProtected: false
releaseForeign: false
renewBefore: 120h
guardrails:
  maxReleases: 0
  maxReleasePercent: 12.5
  maxIsolations: 250
  allowReleases: 60-ab12cd34
  protected:
    machineIds: [1E5BC9D7E413DDD7902C2932E418702B84D0CC07]
    names: [dc-*, '*.contoso.com']
    tags: [domain controller]
    osPlatforms: [WindowsServer2022]
hosts:
  - machineId: "${machineId(1)}"
    deviceName: a.contoso.com
    comment: INC-2
    isolationType: Selective
    releaseAt: 2026-12-02T08:00:00Z
    waitFor: Succeeded
    onDelete: release
    onManualRelease: reisolate
    takeOwnership: true
    allowTypeChange: false
    allowProtected: true
    releaseForeign: true
    renewBefore: 1h30m
`;
