import { codeRestriction, isolation, pairs } from '../../provider/containment/pair.ts';
import { knownHosts } from '../../provider/resources/quarantine/known-host.ts';
import { type PropertyMap, UserError } from '../../provider/resources/resource.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { type ActionRecord, defaultRoles, type MachineTruth } from '../../simulator/control.ts';
import { Declaration, declarationOf, type MixedProgram, type Run, Stack } from '../resources/engine.ts';
import { killed, NotKilled, type World, type WorldRunOptions } from '../resources/host.ts';
import { Declarations, type HostDeclaration } from './declarations.ts';
import { type Deed, judgeRun, judgeSight } from './promises.ts';
import { judgeSecrets, plain } from './secrets.ts';
import type { HostOptions, Limits, Step, Story } from './steps.ts';
import { faultsOf } from './troubles.ts';

/** One host of a stack's state. */
export interface StateHost {
  readonly resource: string;
  readonly key: string;
  readonly id: string;
  readonly deviceName: string | undefined;
  readonly coveredUntil: number | undefined;
  readonly state: string | undefined;
  readonly actionId: string | undefined;
  /** State of its restriction; undefined: none is held. */
  readonly restriction?: string | undefined;
}

/** What is asked of each machine, and what was seen when it was last known to be so. */
export class Tenant {
  readonly world: World;
  readonly #restricted: readonly number[];
  readonly #secrets: Story['secrets'];
  /** How much of what was told was searched. */
  #searched = 0;
  #revokedUntil = Number.NEGATIVE_INFINITY;
  readonly declarations: Declarations;
  readonly stacks: readonly [Stack, Stack];
  /** What happened, for people. */
  readonly lines: string[] = [];
  readonly ids: string[] = [];
  /** Declared with takeOwnership or releaseForeign at some time. */
  readonly taken = new Set<string>();
  /** Machines whose declaration changed, counted. */
  readonly versions = new Map<string, number>();
  /** What the last run without failures was told of each machine, by stack. */
  readonly applied = [new Map<string, HostDeclaration>(), new Map<string, HostDeclaration>()] as const;
  /** When a stack's state was last read to its end (simulated ms); undefined: it is out of date. */
  readonly readAt: [number | undefined, number | undefined] = [undefined, undefined];
  /** State lines that are out of date though the run came to its end: `stack id`. */
  readonly stale = new Set<string>();
  /** Machines that a killed run may have left with a request that no state knows: `stack id`. */
  readonly orphans = new Set<string>();
  /** Machines whose declaration changed since a file was asked of them, or whose set's files did. */
  readonly redeclaredFiles = new Set<string>();
  /** Declared with onDelete retain at some time. */
  readonly retained = new Set<string>();
  steps = 0;
  runs = 0;

  constructor(world: World, { manifests, restricted, secrets }: Pick<Story, 'manifests' | 'restricted' | 'secrets'>) {
    this.#restricted = restricted;
    this.#secrets = secrets;
    this.world = world;
    this.declarations = new Declarations(manifests, secrets);
    this.stacks = [world.stack, new Stack('containment', 'prod')];
    for (let index = 0; index < 8; index += 1) {
      const changes = index === 7 ? { deviceValue: 'High' as const } : index === 6 ? { online: false } : {};
      this.ids.push(world.host(changes));
    }
  }

  name(id: string): string {
    return `m${this.ids.indexOf(id)}`;
  }

  id(machine: number): string {
    return this.ids[machine % this.ids.length] ?? '';
  }

  truth(): ReadonlyMap<string, MachineTruth> {
    return new Map(this.world.control.machines().map((machine) => [machine.id, machine]));
  }

  stateHosts(stack: 0 | 1): readonly StateHost[] {
    return this.stacks[stack].entries.flatMap((entry): StateHost[] => {
      const moment = (text: unknown) => (typeof text === 'string' ? Date.parse(text) : undefined);
      if (entry.type.endsWith(':Quarantine')) {
        return knownHosts(plain(entry.outputs)).hosts.map(({ key, machineId, state, restriction }) => ({
          resource: entry.name,
          key,
          id: machineId,
          deviceName: state.deviceName?.toLowerCase(),
          coveredUntil: moment(state.coveredUntil),
          state: state.state,
          actionId: state.actionId,
          restriction: restriction?.state,
        }));
      }
      const { deviceName, coveredUntil, state, actionId } = plain(entry.outputs);
      const declared = plain(entry.inputs).deviceName;
      return [
        {
          resource: entry.name,
          key: typeof declared === 'string' ? declared.toLowerCase() : entry.id,
          id: entry.id,
          deviceName: typeof deviceName === 'string' ? deviceName.toLowerCase() : undefined,
          coveredUntil: moment(coveredUntil),
          state: typeof state === 'string' ? state : undefined,
          actionId: typeof actionId === 'string' ? actionId : undefined,
        },
      ];
    });
  }

  async take(step: Step): Promise<void> {
    this.steps += 1;
    const at = new Date(this.world.now()).toISOString().slice(5, 19);
    this.lines.push(`${at} ${this.#told(step)}`);
    await this.#take(step);
    judgeSight(this);
    const { told } = this.world;
    judgeSecrets(
      this,
      told.slice(this.#searched).map(({ text }) => text),
    );
    this.#searched = told.length;
  }

  /** Whether the app could do less than it needs at some time since then (simulated ms). */
  isRevoked(since: number): boolean {
    return since <= this.#revokedUntil;
  }

  declaresUnManaged(stack: 0 | 1): boolean {
    return this.declarations.hosts(stack).some(({ host }) => host.options.isolationType === 'UnManagedDevice');
  }

  /** Whether a text may name hosts by a mark for what is secret. */
  hidesHosts(text: string): boolean {
    return this.#secrets !== 'none' && text.includes('[secret]');
  }

  #told(step: Step): string {
    const { do: what, ...rest } = step;
    const named = Object.entries(rest).map(([key, value]) => {
      if ((key === 'machine' || key === 'other') && typeof value === 'number') return this.name(this.id(value));
      return `${key}=${JSON.stringify(value)}`;
    });
    return `${what} ${named.join(' ')}`;
  }

  async #take(step: Step): Promise<void> {
    const { control } = this.world;
    const id = 'machine' in step ? this.id(step.machine) : '';
    const isThere = this.truth().has(id);
    switch (step.do) {
      case 'declare': {
        const deviceName = this.truth().get(id)?.computerDnsName ?? 'pc-gone.contoso.com';
        const options = this.#options(step.options, step.machine, id);
        const isSingle = this.declarations.of(step.resource).kind === 'single';
        const named = { id: { machineId: id }, name: { deviceName }, both: { machineId: id, deviceName } }[
          isSingle && step.by === 'both' ? 'id' : step.by
        ];
        this.declarations.declare(step.resource, { machine: id, ...named, options }, step.twice);
        return this.#changed(id);
      }
      case 'options':
        this.declarations.change(id, this.#options(step.options, step.machine, id));
        return this.#changed(id);
      case 'undeclare':
        this.declarations.undeclare(id);
        return this.#changed(id);
      case 'rename-resource': {
        const resource = this.declarations.of(step.resource);
        resource.name = resource.name === step.resource ? `${step.resource}-new` : step.resource;
        for (const { machine } of resource.hosts) this.#changed(machine);
        return;
      }
      case 'drop-resource':
        for (const { machine } of this.declarations.of(step.resource).hosts) this.#changed(machine);
        return this.declarations.drop(step.resource);
      case 'empty-set':
        for (const { machine } of this.declarations.of(step.resource).hosts) this.#changed(machine);
        this.declarations.drop(step.resource);
        this.declarations.of(step.resource).isDeclared = this.declarations.of(step.resource).kind === 'set';
        return;
      case 'own-limit':
        this.declarations.of(step.resource).maxReleases = step.maxReleases;
        return;
      case 'up':
      case 'destroy':
        return this.#run(step);
      case 'preview':
      case 'refresh':
        return this.#look(step);
      case 'isolate':
      case 'unisolate': {
        const comment = step.hold ? 'settled, mde-hold' : 'by hand';
        const by = step.by === 'soar' ? { by: 'SOAR', requestSource: 'PublicApi' } : {};
        const pairsHere = this.#restricted.includes(step.machine) ? pairs : [isolation];
        for (const { apply, lift } of pairsHere) {
          const type = step.do === 'isolate' ? apply : lift;
          this.#later(step.afterMs, () => control.act(id, type, { comment, ...by }));
        }
        return;
      }
      case 'cancel':
        return this.#later(step.afterMs, () => {
          const running = control.actions({ machine: id }).find(isRunning);
          if (running !== undefined) control.cancel(running.id);
        });
      case 'online':
        if (isThere) control.setMachine(id, { online: step.online });
        return;
      case 'rename':
        if (isThere) control.rename(id, `pc-new-${step.other}.contoso.com`);
        return;
      case 'swap-names': {
        const other = this.id(step.other);
        const [one, two] = [this.truth().get(id), this.truth().get(other)];
        if (one === undefined || two === undefined) return;
        control.rename(id, two.computerDnsName);
        control.rename(other, one.computerDnsName);
        return;
      }
      case 'reinstall':
        if (isThere && this.ids.length < 12) this.ids.push(control.reinstall(id, { merged: step.merged }).id);
        return;
      case 'remove-machine':
        if (isThere) control.removeMachine(id);
        return;
      case 'offboard':
        if (isThere) control.offboard(id);
        return;
      case 'outcome':
        if (isThere)
          control.setMachine(id, {
            outcomes: both(step.type, () => ({ status: step.status, executed: step.executed, times: 1 })),
          });
        return;
      case 'latency':
        if (isThere) control.setMachine(id, { latencySeconds: both(step.type, () => step.seconds) });
        return;
      case 'onboard':
        if (isThere) control.setMachine(id, { onboardingStatus: 'Onboarded', online: true });
        return;
      case 'protect':
        if (isThere)
          control.setMachine(id, {
            deviceValue: step.how === 'value' ? 'High' : 'Normal',
            machineTags: step.how === 'tag' ? ['mde-protected'] : [],
          });
        return;
      case 'file': {
        const resource = this.declarations.of(step.resource);
        const sha1 = `${step.file}`.repeat(40);
        resource.files = resource.files.includes(sha1)
          ? resource.files.filter((each) => each !== sha1)
          : [...resource.files, sha1];
        for (const { machine } of resource.hosts) this.#changed(machine);
        return;
      }
      case 'import':
        return this.#import(step, id);
      case 'revoke':
        return this.#revoke(step);
      case 'pass':
        for (let left = step.hours; left > 0; left -= 5) {
          this.world.pass(Math.min(5, left) * 3_600_000);
          judgeSight(this);
        }
        return;
    }
  }

  /** As `pulumi import` does it: into state first, then into the program. */
  async #import({ resource: key, declared }: Extract<Step, { do: 'import' }>, id: string): Promise<void> {
    const resource = this.declarations.of(key);
    const { stack: number, name } = resource;
    const stack = this.stacks[number];
    // The engine refuses a name that is taken.
    // What was told to Defender is no secret to whom Defender tells it again.
    if (stack.entry(name) !== undefined || resource.isDeclared || this.#secrets !== 'none') return;
    this.runs += 1;
    try {
      await this.world.import(name, id, { stack });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.lines.push(`    ${name}: ${error.message}`);
      return;
    }
    // An import takes ownership (semantics 3.2).
    this.taken.add(id);
    this.#changed(id);
    if (declared) this.declarations.declare(key, { machine: id, machineId: id, options: { comment: 'INC-1' } }, true);
  }

  #revoke({ what, afterMs, forMs }: Extract<Step, { do: 'revoke' }>): void {
    const { control, simulator } = this.world;
    const { clientId } = simulator.credentials;
    this.#revokedUntil = this.world.now() + afterMs + forMs;
    this.world.after(afterMs, () => {
      if (what !== 'tokens') control.setRoles(clientId, what === 'all' ? [] : ['Machine.Read.All']);
      control.expireTokens();
    });
    this.world.after(afterMs + forMs, () => control.setRoles(clientId, defaultRoles));
  }

  /** What others do in the portal; the service may refuse it. */
  #later(afterMs: number, act: () => void): void {
    const tried = () => {
      try {
        act();
      } catch (error) {
        if (error instanceof TypeError) throw error;
      }
    };
    if (afterMs === 0) tried();
    else this.world.after(afterMs, tried);
  }

  #options({ releaseIn, ...given }: HostOptions, machine: number, id: string): HostDeclaration['options'] {
    const isRestricted = this.#restricted.includes(machine) && given.comment !== 'INC-3';
    const options = isRestricted ? { ...given, restrictCodeExecution: true } : given;
    if (options.onDelete === 'retain') this.retained.add(id);
    if (options.takeOwnership === true || options.releaseForeign === true) this.taken.add(id);
    if (releaseIn === undefined) return options;
    const releaseAt = new Date(this.world.now() + releaseIn * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    return { ...options, releaseAt };
  }

  #changed(id: string): void {
    this.versions.set(id, (this.versions.get(id) ?? 0) + 1);
    this.redeclaredFiles.add(id);
  }

  async #look(step: Extract<Step, { do: 'preview' | 'refresh' }>): Promise<void> {
    const stack = this.stacks[step.stack];
    const startedAt = this.world.now();
    for (const rule of step.troubles.flatMap(faultsOf)) this.world.control.addFault(rule);
    this.runs += 1;
    if (step.do === 'preview') {
      const program = this.declarations.program(step.stack);
      await this.world.preview(step.unknowns ? unknowing(program) : program, { stack });
    } else this.#read(step.stack, await this.world.refresh({ stack }), startedAt);
    this.world.control.clearFaults();
  }

  async #run(step: Extract<Step, { do: 'up' | 'destroy' }>): Promise<void> {
    const { world } = this;
    const stack = this.stacks[step.stack];
    const program = step.do === 'destroy' ? {} : this.declarations.program(step.stack);
    const { ending, limits } = step;
    const config: Record<string, PropertyMap[string]> = { ...configOf(limits) };
    if (limits === 'override') config.allowReleases = await this.#override(step);
    if (ending.kind === 'out-of-time') config.maxRunTime = ending.maxRunTime;
    const options: WorldRunOptions = {
      stack,
      config,
      readFirst: step.readFirst,
      continueOnError: step.goOn,
      ...(ending.kind === 'killed' ? { killAfter: ending.afterMs } : {}),
      ...(ending.kind === 'cancelled' ? { cancelAfter: ending.afterMs } : {}),
    };
    for (const rule of step.troubles.flatMap(faultsOf)) world.control.addFault(rule);
    const deed: Deed = {
      step,
      startedAt: world.now(),
      truth: this.truth(),
      held: this.stateHosts(step.stack),
      known: new Set(world.control.actions().map((action) => action.id)),
      hosts: step.do === 'destroy' ? [] : this.declarations.hosts(step.stack),
      writes: world.writes(),
    };
    const running = step.do === 'destroy' ? world.destroy(options) : world.up(program, options);
    this.runs += 1;
    let run: Run | undefined;
    try {
      await killed(running);
      // What was on its way arrives all the same.
      await world.drive((time) => new Promise<void>((resolve) => time.timer.after(1_000, resolve)));
    } catch (error) {
      if (!(error instanceof NotKilled)) throw error;
      run = await running;
    }
    world.control.clearFaults();
    // What does not come back in time after Ctrl-C is forgotten as if it had been killed: the mark finds it again.
    const isCutOff = Object.values(run?.failures ?? {}).some((text) => text.includes('it did not end in time'));
    if (run === undefined || isCutOff) {
      for (const { id, machineId, type } of world.control.actions()) {
        if (type === isolation.apply && !deed.known.has(id)) this.orphans.add(`${step.stack} ${machineId}`);
        if (type === codeRestriction.apply && !deed.known.has(id))
          this.orphans.add(`${step.stack} ${machineId} restricted`);
      }
    }
    if (run === undefined) {
      this.readAt[step.stack] = undefined;
      this.lines.push('    killed');
    } else {
      const told = { ...run.refused, ...run.failures };
      for (const [name, text] of Object.entries(told))
        this.lines.push(`    ${name}: ${text.replaceAll('\n', '\n      ')}`);
      if (ending.kind === 'cancelled') this.readAt[step.stack] = undefined;
      else if (step.readFirst) this.#read(step.stack, run, deed.startedAt);
      // What was not acted on is as old as it was.
      else this.#distrust(step.stack, run);
    }
    for (const action of world.control.actions()) {
      if (deed.known.has(action.id)) continue;
      const whose = action.origin.via === 'api' ? 'ours' : action.requestor;
      this.lines.push(`    → ${action.type} ${this.name(action.machineId)} (${whose}): ${action.status}`);
    }
    judgeRun(this, deed, run);
    if (run !== undefined) {
      judgeSecrets(this, [run.text, JSON.stringify(run.failures), JSON.stringify(run.refused)]);
      for (const { host } of deed.hosts) this.redeclaredFiles.delete(host.machine);
    }
    world.pass(10_000);
  }

  /** As a person finds it: what the refusal of a preview prints. */
  async #override({ stack, do: what }: Extract<Step, { do: 'up' | 'destroy' }>): Promise<string> {
    const program = what === 'destroy' ? {} : this.declarations.program(stack);
    const run = await this.world.preview(program, { stack: this.stacks[stack] });
    return /allowReleases:? "?(\d+-[0-9a-f]{8})/.exec(run.text)?.[1] ?? '2-00000000';
  }

  /** After a run that came to its end, state is what is known, but for those of whom it says otherwise. */
  #read(stack: 0 | 1, run: Run, startedAt: number): void {
    this.readAt[stack] = startedAt;
    for (const each of [...this.stale]) if (each.startsWith(`${stack} `)) this.stale.delete(each);
    this.#distrust(stack, run);
  }

  #distrust(stack: 0 | 1, run: Run): void {
    const told = [run.refused, run.failures, run.unhealthy].flatMap(Object.entries);
    if (told.length === 0) return;
    const text = told.map(([name, each]) => `${name.split('.')[0]}: ${each}`).join('\n');
    const hosts = this.stateHosts(stack);
    const isNamed = ({ id, key, deviceName }: StateHost) =>
      [id, key, deviceName ?? id].some((each) => text.includes(each));
    for (const host of hosts) {
      const { resource, key, id } = host;
      // What failed and names none of its hosts, such as a sign-in, failed for all of them.
      const isWhole =
        text.includes(`${resource}: `) && !hosts.some((each) => each.resource === resource && isNamed(each));
      const isRefused = Object.keys(run.refused).length > 0;
      // The engine saves nothing of a deletion that failed: what was released is in state as it was.
      const isUnsaved = run.steps[resource] === 'delete' || (this.hidesHosts(text) && text.includes(`${resource}: `));
      const isOfSingle = key === id && text.includes(`${resource}: `);
      if (isRefused || isUnsaved || isOfSingle || isWhole || isNamed(host)) this.stale.add(`${stack} ${id}`);
    }
  }
}

/** The same program, while what its reasons or manifests come from is still to be made. */
function unknowing(program: MixedProgram): MixedProgram {
  return Object.fromEntries(
    Object.entries(program).map(([name, declared]) => {
      const { type, inputs } = declarationOf(declared);
      const key = 'manifest' in inputs ? 'manifest' : 'comment' in inputs ? 'comment' : 'hosts';
      return [name, new Declaration(type, { ...inputs, [key]: unknownString })];
    }),
  );
}

/** For an action, and for that of the other pair which does the same. */
function both<T>(type: 'Isolate' | 'Unisolate', of: () => T): Readonly<Record<string, T>> {
  const other = type === isolation.apply ? codeRestriction.apply : codeRestriction.lift;
  return { [type]: of(), [other]: of() };
}

export function isRunning({ status }: Pick<ActionRecord, 'status'>): boolean {
  return status === 'Pending' || status === 'InProgress';
}

function configOf(limits: Limits): PropertyMap {
  switch (limits) {
    case 'default':
    case 'override':
      return {};
    case 'generous':
      return { guardrails: { maxReleases: 100, maxReleasePercent: 100 } };
    case 'hold':
      return { releases: 'hold' };
  }
}
