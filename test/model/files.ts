import type { ActionRecord } from '../../simulator/control.ts';
import { Broken } from './broken.ts';
import { type Deed, isOfStack, means } from './promises.ts';
import type { Tenant } from './tenant.ts';

const type = 'StopAndQuarantineFile';
const day = 86_400_000;

/** Files that sets quarantine on all their hosts: asked once of each, only of them, and never twice at a time. */
export function judgeFiles(tenant: Tenant, deed: Deed, made: readonly ActionRecord[]): void {
  const asked = made.filter((action) => action.type === type && action.origin.via === 'api');
  for (const action of asked) {
    const { machineId: id } = action;
    const sha1 = action.relatedFileInfo?.fileIdentifier;
    const isMeant = deed.hosts.some(
      (each) =>
        means(each, id, deed) !== 'no' && tenant.declarations.filesOf(each.resource).some((file) => file === sha1),
    );
    if (!isMeant) throw new Broken(`I2: a file is quarantined on ${tenant.name(id)}, of which nobody declares that`);
    for (const earlier of tenant.world.control.actions({ machine: id })) {
      if (earlier === action || earlier.type !== type || earlier.relatedFileInfo?.fileIdentifier !== sha1) continue;
      if (earlier.origin.via !== 'api' || earlier.creationDateTimeUtc >= action.creationDateTimeUtc) continue;
      const ended = earlier.history.find(({ status }) => !['Pending', 'InProgress'].includes(status));
      const own = isOfStack(earlier, deed.step.stack);
      // Another stack's may stand beside it; then the service says what becomes of the two.
      if (own && (ended === undefined || ended.at > action.creationDateTimeUtc))
        throw new Broken(`I3: ${type} of ${tenant.name(id)} is sent twice, and the first is still running`);
      // Declared anew, by another resource or after it was taken out, it may be asked again.
      const isRecent = Date.parse(action.creationDateTimeUtc) - Date.parse(ended?.at ?? '') < day;
      const sameResource = resourceOf(earlier) === resourceOf(action);
      if (own && sameResource && isRecent && earlier.status === 'Succeeded' && !tenant.redeclaredFiles.has(id))
        throw new Broken(`I3: ${type} of ${tenant.name(id)} had succeeded, and is asked again`);
    }
  }
}

function resourceOf({ requestorComment }: ActionRecord): string | undefined {
  return /^\[mde:[0-9a-f]{16}\] (\S+\/[^:]+):/.exec(requestorComment)?.[1];
}
