import { isDefenderError } from '../defender/errors.ts';
import type { ActionId } from '../defender/machine-action.ts';
import { signalOf } from './machine-isolation/act.ts';
import { describeDefenderError } from './machine-isolation/sight.ts';
import { type SinglePorts, singleOneShot } from './one-shot/single.ts';
import type { OperationContext, PropertyMap, Resource } from './resource.ts';
import type { Runtime } from './runtime.ts';
import { investigationPackageInputNames, investigationPackageOutputNames } from './schema-types.ts';

/** `mde:index:InvestigationPackage`: the package of one host is collected, and again when a trigger changes. */
export function investigationPackage(ports: SinglePorts): Resource {
  return singleOneShot(
    {
      token: 'mde:index:InvestigationPackage',
      name: 'InvestigationPackage',
      type: 'CollectInvestigationPackage',
      inputNames: investigationPackageInputNames,
      outputNames: investigationPackageOutputNames,
      purpose: 'investigated',
      options: {},
      ask: () => ({ type: 'CollectInvestigationPackage' }),
      optionsOf: () => ({}),
      results: { names: ['packageUri'], fetch: fetchLink },
    },
    ports,
  );
}

/** The package is there whether or not its link can be had: a failure is told, and fails nothing. */
async function fetchLink(id: ActionId, context: OperationContext, runtime: Runtime): Promise<PropertyMap | undefined> {
  const again =
    'The package is there all the same: pulumi up --refresh fetches the link, and the Defender portal has it too';
  try {
    const packageUri = await runtime.fleet.defender.getPackageUri(id, { signal: signalOf({ context, runtime }) });
    if (packageUri !== undefined) return { packageUri };
    context.log.warn(`Defender has no package of request ${id} (any more), so packageUri is left out`);
    return { packageUri: undefined };
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    context.log.warn(`the link to the package could not be fetched: ${describeDefenderError(error)} ${again}`);
    return undefined;
  }
}
