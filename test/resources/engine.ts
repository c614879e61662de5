import type { Provider } from '../../provider/resources/provider.ts';
import {
  errorKind,
  type OperationContext,
  type PartialFailure,
  type PropertyMap,
  type Resource,
  UserError,
} from '../../provider/resources/resource.ts';

const machineIsolation = 'mde:index:MachineIsolation';

/** A resource as a stack's state holds it. */
export interface Entry {
  readonly type: string;
  readonly name: string;
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
  /** Why the last operation did not reach its end. */
  initErrors: readonly string[];
  /** Replaced, and still to be deleted. */
  doomed: boolean;
}

/** A resource of another type than MachineIsolation, as a program declares it. */
export class Declaration {
  readonly type: string;
  readonly inputs: PropertyMap;

  constructor(type: string, inputs: PropertyMap) {
    this.type = type;
    this.inputs = inputs;
  }
}

/** Resources by name, as a program declares them; without a type they are MachineIsolations. */
export type MixedProgram = Readonly<Record<string, PropertyMap | Declaration>>;
export type Program = Readonly<Record<string, PropertyMap>>;

export function declarationOf(declared: PropertyMap | Declaration): Declaration {
  return declared instanceof Declaration ? declared : new Declaration(machineIsolation, declared);
}

export type Step = 'create' | 'update' | 'replace' | 'delete' | 'same';

/** What a run did, and what it said. */
export interface Run {
  /** Resource → what was attempted; what was deleted under the name of a replacement is not listed. */
  readonly steps: Readonly<Record<string, Step>>;
  /** Resource → why it failed; empty where the run ended with zero. */
  readonly failures: Readonly<Record<string, string>>;
  /** Check failures as `resource.property`. */
  readonly refused: Readonly<Record<string, string>>;
  /** Resources whose refreshed state is said to be unhealthy. */
  readonly unhealthy: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  /** The screen at the end. */
  readonly summary: string;
  /** Everything a person could read. */
  readonly text: string;
}

export interface RunOptions {
  /** Custom time-out of every resource, ms. */
  readonly timeoutMs?: number;
  /** Whether resources are read before the run, as refreshBeforeUpdate does; default true. */
  readonly readFirst?: boolean;
  /** Called before each create, update and delete. */
  readonly beforeActing?: (name: string) => void;
  /** Goes on with deletions where something failed. */
  readonly continueOnError?: boolean;
  /** Replaced resources are deleted first, as the program's option says. */
  readonly deleteBeforeReplace?: boolean;
}

/** One process of the provider, as one engine run starts it. */
export interface ProviderProcess {
  readonly provider: Provider;
  /** Ctrl-C. */
  readonly cancelled: AbortSignal;
  /** Ends it as the engine does at the end of a run, and answers what it sums up; absent: the provider is asked for that. */
  readonly finish?: () => Promise<readonly string[]>;
  /** True once the process was killed: nothing that it still answers counts. */
  killed(): boolean;
}

/**
 * A stack as Pulumi's engine keeps and drives it: before anything is changed every resource is read; each declared one is
 * checked, compared and then created, updated or replaced (the new one first); what is declared no more is deleted at the
 * end, once everything else succeeded.
 */
export class Stack {
  readonly project: string;
  readonly name: string;
  entries: Entry[] = [];

  constructor(project: string, name: string) {
    this.project = project;
    this.name = name;
  }

  entry(name: string): Entry | undefined {
    return this.entries.find((each) => each.name === name && !each.doomed);
  }

  up(process: ProviderProcess, program: MixedProgram, options: RunOptions = {}): Promise<Run> {
    return new Execution(this, process, options, false).run(program);
  }

  preview(process: ProviderProcess, program: MixedProgram, options: RunOptions = {}): Promise<Run> {
    const copy = new Stack(this.project, this.name);
    copy.entries = structuredClone(this.entries);
    return new Execution(copy, process, options, true).run(program);
  }

  /** `pulumi destroy`: the program does not run. */
  destroy(process: ProviderProcess, options: RunOptions = {}): Promise<Run> {
    return new Execution(this, process, options, false).run({});
  }

  refresh(process: ProviderProcess): Promise<Run> {
    return new Execution(this, process, {}, false).refresh();
  }

  /** `pulumi import`; answers the inputs that it found. Throws where the resource refuses. */
  import(process: ProviderProcess, name: string, id: string, type = machineIsolation): Promise<PropertyMap> {
    return new Execution(this, process, {}, false).import({ type, name }, id);
  }
}

type Identity = Pick<Entry, 'type' | 'name'>;

class Execution {
  readonly #stack: Stack;
  readonly #process: ProviderProcess;
  readonly #options: RunOptions;
  readonly #preview: boolean;
  readonly #steps: Record<string, Step> = {};
  readonly #failures: Record<string, string> = {};
  readonly #refused: Record<string, string> = {};
  readonly #unhealthy: Record<string, string> = {};
  readonly #warnings: string[] = [];
  readonly #notes: string[] = [];

  constructor(stack: Stack, process: ProviderProcess, options: RunOptions, preview: boolean) {
    this.#stack = stack;
    this.#process = process;
    this.#options = options;
    this.#preview = preview;
  }

  async run(program: MixedProgram): Promise<Run> {
    if (this.#options.readFirst !== false) await this.#readAll((entry) => this.#isReadBefore(entry));
    if (Object.keys(this.#failures).length > 0) return this.#end();
    const underWay: Promise<void>[] = [];
    for (const [name, declared] of Object.entries(program)) {
      const { type, inputs } = declarationOf(declared);
      const step = await this.#register({ type, name }, inputs);
      if (step === undefined) break;
      underWay.push(step());
    }
    await Promise.all(underWay);
    const failed = Object.keys(this.#failures).length > 0 || Object.keys(this.#refused).length > 0;
    if (!this.#preview && !this.#process.cancelled.aborted && (!failed || this.#options.continueOnError === true)) {
      await this.#deleteWhatIsLeft(program);
    }
    return this.#end();
  }

  async refresh(): Promise<Run> {
    await this.#readAll();
    return this.#end();
  }

  async import(identity: Identity, id: string): Promise<PropertyMap> {
    const resource = this.#resource(identity);
    const context = this.#context(identity);
    const { found } = await resource.read(context, id, undefined, undefined);
    if (found === undefined) throw new UserError(`${id} does not exist`);
    const { inputs, failures } = await resource.check(context, undefined, found.inputs);
    if (failures.length > 0) throw new UserError(failures.map((each) => each.reason).join('\n'));
    this.#stack.entries.push({
      ...identity,
      id: found.id,
      inputs: kept(inputs),
      outputs: kept(found.outputs),
      initErrors: [],
      doomed: false,
    });
    return found.inputs;
  }

  #resource({ type }: Identity): Resource {
    const resource = this.#process.provider.resources.get(type);
    if (resource === undefined) throw new Error(`there is no ${type}`);
    return resource;
  }

  async #readAll(wanted: (entry: Entry) => boolean = () => true): Promise<void> {
    const entries = this.#stack.entries.filter(wanted);
    await Promise.all(entries.map((entry) => this.#attempt(entry.name, () => this.#read(entry))));
  }

  /** A failed operation is always followed by a read. */
  #isReadBefore(entry: Entry): boolean {
    return this.#resource(entry).refreshBeforeUpdate !== false || entry.initErrors.length > 0;
  }

  async #read(entry: Entry): Promise<void> {
    const resource = this.#resource(entry);
    const context = this.#context(entry);
    const { found, unhealthy } = await resource.read(context, entry.id, entry.outputs, entry.inputs);
    if (found === undefined) throw new Error('a known resource must not be told as gone');
    if (this.#process.killed()) return;
    // The last known state, told again, is still the same state.
    const unchanged = unhealthy.length > 0 && JSON.stringify(found.outputs) === JSON.stringify(entry.outputs);
    if (!unchanged) entry.outputs = kept(found.outputs);
    entry.inputs = kept(found.inputs);
    entry.initErrors = unhealthy;
    if (unhealthy.length > 0) this.#unhealthy[entry.name] = unhealthy.join('\n');
    await resource.diff(context, entry.id, entry.outputs, entry.inputs, entry.inputs);
  }

  /** Checks and compares one resource; the answer carries its step out. Undefined: the run goes no further. */
  async #register(identity: Identity, news: PropertyMap): Promise<(() => Promise<void>) | undefined> {
    const { type, name } = identity;
    const entry = this.#stack.entries.find((each) => each.name === name && each.type === type && !each.doomed);
    const resource = this.#resource(identity);
    const context = this.#context(identity);
    // A check that was not started, after Ctrl-C, is the run's failure.
    const checked = await this.#attempt(name, () => resource.check(context, entry?.inputs, news));
    if (checked === undefined) return undefined;
    const { inputs, failures } = checked;
    if (failures.length > 0) {
      for (const { property, reason } of failures) this.#refused[`${name}.${property}`] = reason;
      return undefined;
    }
    if (this.#process.cancelled.aborted) return undefined;
    // What is not known in a preview does not survive JSON.
    const declared = this.#preview ? inputs : kept(inputs);
    if (entry === undefined) return () => this.#attempt(name, () => this.#create(identity, declared, 'create'));
    let replaces = false;
    let changes = entry.initErrors.length > 0;
    await this.#attempt(name, async () => {
      const diff = await resource.diff(context, entry.id, entry.outputs, entry.inputs, inputs);
      changes ||= diff.changes;
      replaces = Object.values(diff.detailed).some(({ kind }) => kind.endsWith('-replace'));
    });
    if (this.#failures[name] !== undefined) return undefined;
    if (!changes) {
      this.#steps[name] = 'same';
      entry.inputs = kept(inputs);
      return async () => {};
    }
    if (!replaces) return () => this.#attempt(name, () => this.#update(entry, declared));
    const again = await resource.check(context, undefined, news);
    return () =>
      this.#attempt(name, async () => {
        if (this.#options.deleteBeforeReplace === true && !this.#preview) await this.#delete(entry);
        await this.#create(identity, this.#preview ? again.inputs : kept(again.inputs), 'replace');
        if (!this.#process.killed()) entry.doomed = true;
      });
  }

  async #create(identity: Identity, inputs: PropertyMap, step: Step): Promise<void> {
    const { name } = identity;
    this.#steps[name] = step;
    this.#options.beforeActing?.(name);
    const context = this.#context(identity, 'acts');
    const add = (id: string, outputs: PropertyMap, initErrors: readonly string[]) => {
      if (this.#preview || this.#process.killed()) return;
      this.#stack.entries.push({ ...identity, id, inputs, outputs: kept(outputs), initErrors, doomed: false });
    };
    try {
      const { id, outputs } = await this.#resource(identity).create(context, inputs);
      add(id, outputs, []);
    } catch (error) {
      if (isPartial(error)) add(error.id, error.outputs, error.reasons);
      throw error;
    }
  }

  async #update(entry: Entry, inputs: PropertyMap): Promise<void> {
    this.#steps[entry.name] = 'update';
    this.#options.beforeActing?.(entry.name);
    const { id, outputs: before, inputs: old } = entry;
    const set = (outputs: PropertyMap, initErrors: readonly string[], taken: PropertyMap) => {
      if (this.#preview || this.#process.killed()) return;
      Object.assign(entry, { outputs: kept(outputs), initErrors, inputs: taken });
    };
    try {
      const { outputs } = await this.#resource(entry).update(this.#context(entry, 'acts'), id, before, old, inputs);
      set(outputs, [], inputs);
    } catch (error) {
      // Outputs are saved, the old inputs are kept, so that the difference comes again.
      if (isPartial(error)) set(error.outputs, error.reasons, old);
      throw error;
    }
  }

  async #deleteWhatIsLeft(program: MixedProgram): Promise<void> {
    const leaving = this.#stack.entries.filter((entry) => {
      const declared = program[entry.name];
      return entry.doomed || declared === undefined || declarationOf(declared).type !== entry.type;
    });
    await Promise.all(
      leaving.map((entry) =>
        this.#attempt(entry.name, async () => {
          if (!entry.doomed) this.#steps[entry.name] = 'delete';
          await this.#delete(entry);
        }),
      ),
    );
  }

  async #delete(entry: Entry): Promise<void> {
    this.#options.beforeActing?.(entry.name);
    await this.#resource(entry).delete(this.#context(entry, 'acts'), entry.id, entry.outputs, entry.inputs);
    if (this.#process.killed()) return;
    this.#stack.entries = this.#stack.entries.filter((each) => each !== entry);
  }

  /** Failures are the run's, unless they are no refusal or failure in a person's words: those are the test's. */
  async #attempt<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error) || !(errorKind in error)) throw error;
      this.#failures[name] = error.message;
      return undefined;
    }
  }

  /** Only create, update and delete may write, and not in a preview. */
  #context({ type, name }: Identity, operation: 'looks' | 'acts' = 'looks'): OperationContext {
    const { project, name: stack } = this.#stack;
    return {
      declaration: { project, stack, type, name, key: `urn:pulumi:${stack}::${project}::${type}::${name}` },
      preview: this.#preview || operation === 'looks',
      timeoutMs: this.#options.timeoutMs,
      signal: this.#process.cancelled,
      log: {
        info: (text) => this.#notes.push(text),
        done: (text) => this.#notes.push(text),
        warn: (text) => this.#warnings.push(text),
        status: () => {},
      },
    };
  }

  async #end(): Promise<Run> {
    const { provider, finish } = this.#process;
    const summary = (finish === undefined ? provider.summary() : await finish()).join('\n');
    const told = [this.#refused, this.#failures, this.#unhealthy].flatMap((each) => Object.values(each));
    return {
      steps: this.#steps,
      failures: this.#failures,
      refused: this.#refused,
      unhealthy: this.#unhealthy,
      warnings: this.#warnings,
      notes: this.#notes,
      summary,
      text: [...told, ...this.#warnings, ...this.#notes, summary].join('\n'),
    };
  }
}

function isPartial(error: unknown): error is PartialFailure {
  return error instanceof Error && (error as Partial<PartialFailure>)[errorKind] === 'partial';
}

/** As the engine keeps it: plain JSON, so that nothing else can be relied on. */
function kept(map: PropertyMap): PropertyMap {
  return JSON.parse(JSON.stringify(map)) as PropertyMap;
}
