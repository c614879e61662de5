import { valueReply } from './answers.ts';
import type { Call } from './call.ts';
import { notFound } from './errors.ts';
import { statusOf } from './machine-action.ts';
import type { Reply } from './reply.ts';

/** The link to an investigation package. Whoever has it has the package, so it is a secret; each call makes a new one. */
export function getPackageUri(call: Call): Reply {
  const { estate, id, host, parts } = call;
  const entry = estate.action(id);
  if (entry?.kind.type !== 'CollectInvestigationPackage' || statusOf(entry) !== 'Succeeded') {
    throw notFound('MachineAction', id);
  }
  const secret = `${parts.newGuid()}${parts.newGuid()}`.replaceAll('-', '');
  const uri = `https://${host}/safedownload/WDATP_Investigation_Package.zip?token=${secret.slice(0, 24)}&sig=${secret.slice(24)}`;
  return valueReply(call, 'Edm.String', parts.settings.packageUri === 'quoted' ? `"${uri}"` : uri);
}
