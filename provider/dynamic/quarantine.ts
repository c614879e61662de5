import * as pulumi from '@pulumi/pulumi';
import type {
  Cloud,
  FileDeclaration as DeclaredFile,
  HostDeclaration as DeclaredHost,
  QuarantineGuardrails as Guardrails,
  Protected as ProtectedHosts,
  QuarantineInputs,
  QuarantineOutputs,
} from '../resources/schema-types.ts';
import { quarantineOutputNames } from '../resources/schema-types.ts';
import { dynamicInputs, dynamicOptions, dynamicType, secretPlace } from './registration.ts';

/** Every part of a list may be an output of something else. */
type Parts<T> = T extends readonly (infer Part)[] ? readonly pulumi.Input<Part>[] : T;
type Inputs<T> = { readonly [Name in keyof T]: pulumi.Input<Parts<T[Name]>> };

/** One host of a Quarantine. */
export type HostDeclaration = Inputs<DeclaredHost>;

/** One file that a Quarantine has quarantined. */
export type FileDeclaration = Inputs<DeclaredFile>;

/** Hosts that must not be isolated. */
export type Protected = Inputs<ProtectedHosts>;

/** Limits of one set of hosts. */
export type QuarantineGuardrails = Inputs<Omit<Guardrails, 'protected'>> & {
  readonly protected?: pulumi.Input<Protected | undefined>;
};

/** What is declared of a Quarantine. */
export type QuarantineArgs = Inputs<Omit<QuarantineInputs, 'hosts' | 'files' | 'guardrails'>> & {
  readonly hosts?: pulumi.Input<readonly pulumi.Input<HostDeclaration>[] | undefined>;
  readonly files?: pulumi.Input<readonly pulumi.Input<FileDeclaration>[] | undefined>;
  readonly guardrails?: pulumi.Input<QuarantineGuardrails | undefined>;
};

/** What state keeps of a Quarantine. */
export type QuarantineState = QuarantineOutputs;

const token = 'mde:index:Quarantine';

/** Keeps many hosts isolated with Microsoft Defender for Endpoint, declared in one manifest. */
export class Quarantine extends pulumi.CustomResource {
  // `declare`: a field of its own would overwrite with undefined what the base class has set.
  declare readonly hosts: pulumi.Output<Readonly<Record<string, string>>>;
  declare readonly files: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  declare readonly summary: pulumi.Output<string>;
  declare readonly coveredUntil: pulumi.Output<string | undefined>;
  declare readonly tenantId: pulumi.Output<string>;
  declare readonly cloud: pulumi.Output<Cloud>;
  declare readonly stateVersion: pulumi.Output<number>;

  /**
   * @param name unique among the stack's resources of this type and parent
   * @param args what is declared: `manifest`, such as `fs.readFileSync('quarantine.yaml', 'utf8')`, or `hosts`
   * @param opts the usual options; `customTimeouts` bounds the waiting. Not `import` and not `deleteBeforeReplace`.
   */
  constructor(name: string, args: QuarantineArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      dynamicType(token),
      name,
      dynamicInputs({ token, name, args: withSecretPlaces(args), outputNames: quarantineOutputNames, opts }),
      dynamicOptions(name, opts),
    );
  }
}

/** A manifest comes back as the hosts and files that it declares, a comment in the lines of each. */
function withSecretPlaces(args: QuarantineArgs): object {
  const { manifest, comment, hosts, files } = args;
  return {
    ...args,
    hosts: hosts ?? secretPlace(manifest, comment),
    files: files ?? secretPlace(manifest, comment),
  };
}
