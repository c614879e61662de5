import * as pulumi from '@pulumi/pulumi';
import type {
  Cloud,
  IsolationState,
  IsolationType,
  MachineIsolationInputs,
  MachineIsolationOutputs,
  OnDelete,
  OnManualRelease,
  WaitFor,
} from '../resources/schema-types.ts';
import { machineIsolationOutputNames } from '../resources/schema-types.ts';
import { dynamicInputs, dynamicOptions, dynamicType } from './registration.ts';

/** What is declared of a MachineIsolation. */
export type MachineIsolationArgs = {
  readonly [Name in keyof MachineIsolationInputs]: pulumi.Input<MachineIsolationInputs[Name]>;
};

/** What state keeps of a MachineIsolation. */
export type MachineIsolationState = MachineIsolationOutputs;

const token = 'mde:index:MachineIsolation';

/** Keeps one host isolated with Microsoft Defender for Endpoint. */
export class MachineIsolation extends pulumi.CustomResource {
  // `declare`: a field of its own would overwrite with undefined what the base class has set.
  declare readonly comment: pulumi.Output<string>;
  declare readonly releaseAt: pulumi.Output<string | undefined>;
  declare readonly waitFor: pulumi.Output<WaitFor | undefined>;
  declare readonly onDelete: pulumi.Output<OnDelete | undefined>;
  declare readonly onManualRelease: pulumi.Output<OnManualRelease | undefined>;
  declare readonly takeOwnership: pulumi.Output<boolean | undefined>;
  declare readonly allowTypeChange: pulumi.Output<boolean | undefined>;
  declare readonly allowProtected: pulumi.Output<boolean | undefined>;
  declare readonly releaseForeign: pulumi.Output<boolean | undefined>;
  declare readonly renewBefore: pulumi.Output<string | undefined>;
  declare readonly machineId: pulumi.Output<string>;
  declare readonly deviceName: pulumi.Output<string | undefined>;
  declare readonly tenantId: pulumi.Output<string>;
  declare readonly cloud: pulumi.Output<Cloud>;
  declare readonly stateVersion: pulumi.Output<number>;
  declare readonly osPlatform: pulumi.Output<string | undefined>;
  declare readonly healthStatus: pulumi.Output<string | undefined>;
  declare readonly isolationType: pulumi.Output<IsolationType | undefined>;
  declare readonly state: pulumi.Output<IsolationState>;
  declare readonly actionId: pulumi.Output<string | undefined>;
  declare readonly isolatedAt: pulumi.Output<string | undefined>;
  declare readonly coveredUntil: pulumi.Output<string | undefined>;
  declare readonly leaseStartedAfter: pulumi.Output<string | undefined>;
  declare readonly leaseStartedBy: pulumi.Output<string | undefined>;
  declare readonly requestor: pulumi.Output<string | undefined>;
  declare readonly owned: pulumi.Output<boolean>;
  declare readonly takenAt: pulumi.Output<string | undefined>;
  declare readonly note: pulumi.Output<string | undefined>;

  /**
   * @param name unique among the stack's resources of this type and parent
   * @param args what is declared
   * @param opts the usual options; `customTimeouts` bounds the waiting. Not `import` (declare `takeOwnership: true`
   *   instead, or import with the plugin) and not `deleteBeforeReplace`, which would release before it isolates.
   */
  constructor(name: string, args: MachineIsolationArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      dynamicType(token),
      name,
      dynamicInputs({ token, name, args, outputNames: machineIsolationOutputNames, opts }),
      dynamicOptions(name, opts),
    );
  }
}
