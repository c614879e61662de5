import { errorKind, UserError } from '../fleet/user-error.ts';

export { errorKind, UserError };

/**
 * What a resource is, for both adapters. A resource is written once as plain functions over typed inputs and outputs;
 * an adapter translates the protocol, and holds no behaviour of its own.
 */

/** Which declaration a call is about. */
export interface DeclarationIdentity {
  readonly project: string;
  readonly stack: string;
  /** The resource's token, `mde:index:MachineIsolation`. */
  readonly type: string;
  readonly name: string;
  /** Unique in the process; the URN where there is one. Claims and guardrails count by it. */
  readonly key: string;
}

/** The log of one operation; the adapter puts it in the resource's row. */
export interface OperationLog {
  info(text: string): void;
  warn(text: string): void;
  /** What is going on now, the news first, since a row of the live display is short; each replaces the one before. */
  status(text: string): void;
  /** What was done, of which the end of the run tells as well: shown as it happens, and not once more after it. */
  done(text: string): void;
}

/** What a call is given beside its data. */
export interface OperationContext {
  readonly declaration: DeclarationIdentity;
  /** True: nothing may be written. */
  readonly preview: boolean;
  /** Custom time-out in milliseconds; undefined: the resource's own default. */
  readonly timeoutMs: number | undefined;
  /** Ended by Cancel (Ctrl-C) or when the engine is gone: no new write after it, return what is known. */
  readonly signal: AbortSignal;
  readonly log: OperationLog;
}

/** One thing wrong with the inputs. `property` is '' where no single property is at fault. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  /** Normalised inputs with defaults, as they go to state. */
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

export type DiffKind = 'add' | 'delete' | 'update' | 'add-replace' | 'delete-replace' | 'update-replace';

export interface DiffResult {
  readonly changes: boolean;
  /** Property path → kind; `fromInputs` true where the old input differs, false where the actual state does. */
  readonly detailed: Readonly<Record<string, { readonly kind: DiffKind; readonly fromInputs: boolean }>>;
  /** Why, for people; the dynamic class shows it as text. */
  readonly reasons: readonly string[];
  /** Outputs that an update certainly leaves as they are. */
  readonly stables?: readonly string[];
}

/** Plain data as it crosses the protocol. Unknowns (preview) are the `unknown` symbol value; secrets arrive unwrapped. */
export type PropertyValue = null | boolean | number | string | typeof unknown | readonly PropertyValue[] | PropertyMap;
export interface PropertyMap {
  readonly [key: string]: PropertyValue | undefined;
}

/** Stands for a value that is not known before the deployment. */
export const unknown: unique symbol = Symbol.for('pulumi-mde.unknown') as never;

export interface Written {
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface ReadResult {
  /** Undefined: the object does not exist (only ever said on import; a known host that is gone is kept in state). */
  readonly found: undefined | { readonly id: string; readonly outputs: PropertyMap; readonly inputs: PropertyMap };
  /** Why the state given is not to be trusted fully; makes the resource unhealthy without stopping others. */
  readonly unhealthy: readonly string[];
}

/**
 * Something was done, and the operation still failed: the id and outputs are kept in state. (Raised in delete, nothing
 * but the message is kept: the engine saves no details there.)
 */
export class PartialFailure extends Error {
  readonly [errorKind] = 'partial' as const;
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly reasons: readonly string[];
  constructor(id: string, outputs: PropertyMap, reasons: readonly string[]) {
    super(reasons.join('\n'));
    this.name = 'PartialFailure';
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}

/** Required configuration keys that neither the stack nor the environment gives; raised by `configure`. */
export class MissingConfiguration extends UserError {
  override readonly [errorKind] = 'missing-configuration' as const;
  readonly keys: readonly { readonly name: string; readonly description: string }[];
  /** @param keys names without the package prefix (`tenantId`), each with what it is for and where to get it. */
  constructor(keys: readonly { readonly name: string; readonly description: string }[]) {
    super(keys.map((key) => `missing configuration key "${key.name}": ${key.description}`).join('\n'));
    this.name = 'MissingConfiguration';
    this.keys = keys;
  }
}

/** One resource type. No method but create, update and delete ever writes, and those never in preview. */
export interface Resource {
  readonly token: string;
  /** Whether every run begins with a read, so that previews show what is actual; default true. `diff` is called anyway. */
  readonly refreshBeforeUpdate?: boolean;
  check(context: OperationContext, oldInputs: PropertyMap | undefined, news: PropertyMap): Promise<CheckResult>;
  /** `oldOutputs` is what state (after a refresh) holds, `oldInputs` the inputs of the last successful run. */
  diff(
    context: OperationContext,
    id: string,
    oldOutputs: PropertyMap,
    oldInputs: PropertyMap,
    news: PropertyMap,
  ): Promise<DiffResult>;
  create(context: OperationContext, inputs: PropertyMap): Promise<Written>;
  /** Import gives neither outputs nor inputs. */
  read(
    context: OperationContext,
    id: string,
    outputs: PropertyMap | undefined,
    inputs: PropertyMap | undefined,
  ): Promise<ReadResult>;
  update(
    context: OperationContext,
    id: string,
    oldOutputs: PropertyMap,
    oldInputs: PropertyMap,
    news: PropertyMap,
  ): Promise<Written>;
  delete(context: OperationContext, id: string, outputs: PropertyMap, inputs: PropertyMap | undefined): Promise<void>;
}
