import { expect } from 'chai';
import type { PropertyMap } from '../../../provider/resources/resource.ts';
import type { ActionRecord } from '../../../simulator/control.ts';
import { Declaration } from '../engine.ts';
import type { World } from '../host.ts';

export const scanType = 'mde:index:AntivirusScan';
export const packageType = 'mde:index:InvestigationPackage';
export const fileType = 'mde:index:FileQuarantine';

export const scan = (inputs: PropertyMap) => new Declaration(scanType, { comment: 'INC-1', ...inputs });
export const collect = (inputs: PropertyMap) => new Declaration(packageType, { comment: 'INC-1', ...inputs });
export const file = (inputs: PropertyMap) => new Declaration(fileType, { comment: 'INC-1', ...inputs });

/** Requests of a type that came over the API, in the order of submission; no two for the same thing may run at once. */
export function asked(world: World, type: string): readonly ActionRecord[] {
  const requests = world.control.actions().filter((action) => action.type === type && action.origin.via === 'api');
  for (const [index, later] of requests.entries()) {
    for (const earlier of requests.slice(0, index)) {
      const isSame =
        earlier.machineId === later.machineId &&
        earlier.relatedFileInfo?.fileIdentifier === later.relatedFileInfo?.fileIdentifier;
      const ended = earlier.history.find(({ status }) => !['Pending', 'InProgress'].includes(status));
      if (isSame)
        expect(
          ended !== undefined && ended.at <= later.creationDateTimeUtc,
          `${later.id} beside ${earlier.id}`,
        ).to.equal(true);
    }
  }
  return requests;
}
