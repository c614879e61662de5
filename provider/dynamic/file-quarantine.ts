import * as pulumi from '@pulumi/pulumi';
import type { Cloud, FileQuarantineInputs, FileQuarantineOutputs, WaitFor } from '../resources/schema-types.ts';
import { fileQuarantineOutputNames } from '../resources/schema-types.ts';
import { dynamicInputs, dynamicOptions, dynamicType } from './registration.ts';

/** Every part of a list may be an output of something else. */
type Parts<T> = T extends readonly (infer Part)[] ? readonly pulumi.Input<Part>[] : T;

/** What is declared of a FileQuarantine. */
export type FileQuarantineArgs = {
  readonly [Name in keyof FileQuarantineInputs]: pulumi.Input<Parts<FileQuarantineInputs[Name]>>;
};

/** What state keeps of a FileQuarantine. */
export type FileQuarantineState = FileQuarantineOutputs;

const token = 'mde:index:FileQuarantine';

const refused = {
  import:
    'Leave `import` out: a request for the file that runs already is taken over as it is. Or import with the mde plugin.',
  // Deletion changes no host.
  deleteBeforeReplace: undefined,
};

/** Stops a file and puts it into quarantine with Microsoft Defender for Endpoint, once on each of some machines. */
export class FileQuarantine extends pulumi.CustomResource {
  // `declare`: a field of its own would overwrite with undefined what the base class has set.
  declare readonly sha1: pulumi.Output<string>;
  declare readonly comment: pulumi.Output<string>;
  declare readonly machineIds: pulumi.Output<readonly string[] | undefined>;
  declare readonly deviceNames: pulumi.Output<readonly string[] | undefined>;
  declare readonly waitFor: pulumi.Output<WaitFor | undefined>;
  declare readonly machines: pulumi.Output<Readonly<Record<string, string>>>;
  declare readonly summary: pulumi.Output<string>;
  declare readonly restoreCommand: pulumi.Output<string>;
  declare readonly tenantId: pulumi.Output<string>;
  declare readonly cloud: pulumi.Output<Cloud>;
  declare readonly stateVersion: pulumi.Output<number>;

  /**
   * @param name unique among the stack's resources of this type and parent
   * @param args what is declared
   * @param opts the usual options; `customTimeouts` bounds the waiting. Not `import`: import with the
   *   plugin.
   */
  constructor(name: string, args: FileQuarantineArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      dynamicType(token),
      name,
      dynamicInputs({ token, name, args, outputNames: fileQuarantineOutputNames, opts }),
      dynamicOptions(name, opts, refused),
    );
  }
}
