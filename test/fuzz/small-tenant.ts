import type { Defender } from '../../provider/defender/api.ts';
import type { Indicator } from '../../provider/defender/indicator.ts';
import type { Machine, MachineId } from '../../provider/defender/machine.ts';
import type { ActionId, MachineAction } from '../../provider/defender/machine-action.ts';
import { createProvider } from '../../provider/resources/create-provider.ts';
import type { OperationContext, PropertyMap, Resource } from '../../provider/resources/resource.ts';
import { guid } from '../defender/entities.ts';
import { createScriptedDefender, type ScriptedDefender } from '../fleet/scripted-defender.ts';
import { WorldTime } from '../resources/world-time.ts';

const startsAt = Date.UTC(2026, 0, 5, 12);
const app = 'quarantine-app';

export const idOf = (number: number) => number.toString(16).padStart(40, '0') as MachineId;
export const nameOf = (number: number) => `pc-${number}.contoso.com`;

/** A few machines, a Defender in memory that does at once what it is asked, and a provider in a time that jumps. */
export class SmallTenant {
  readonly scripted: ScriptedDefender;
  readonly writes: { readonly type: string; readonly machineId: string }[] = [];
  readonly told: string[] = [];
  readonly #time = new WorldTime('nowhere', () => {});
  readonly #process;
  readonly #provider;
  #requests = 0;

  /** @param actions what the tenant's history holds already */
  constructor(machines: number, actions: readonly MachineAction[] = [], indicators: readonly Indicator[] = []) {
    this.#process = this.#time.process(startsAt);
    const { clock } = this.#process;
    this.scripted = createScriptedDefender(clock);
    const { script, defender } = this.scripted;
    this.#requests = actions.length;
    script.actions = [...actions];
    script.indicators = [...indicators];
    script.machines = Array.from({ length: machines }, (_, index): Machine => machine(index + 1));
    script.post = (request, machineId, comment) => {
      this.writes.push({ type: request.type, machineId });
      const action = this.#action(request.type, machineId, comment, app);
      script.actions.push(action);
      return action;
    };
    const whole: Defender = {
      ...defender,
      identity: async () => ({
        tenantId: '11111111-2222-4333-8444-555555555555',
        appId: app,
        appDisplayName: undefined,
        objectId: undefined,
        userPrincipalName: undefined,
        roles: [],
        delegated: false,
      }),
      putIndicator: async ({
        expirationTime = null,
        rbacGroupNames = [],
        application = null,
        recommendedActions = null,
        ...request
      }) => {
        this.writes.push({ type: 'putIndicator', machineId: '' });
        const indicator = {
          id: '1' as never,
          ...request,
          expirationTime,
          rbacGroupNames,
          application,
          recommendedActions,
          createdBy: app,
          createdAt: startsAt,
          lastUpdatedBy: null,
          updatedAt: startsAt,
        };
        script.indicators = [indicator];
        return indicator;
      },
      deleteIndicator: async (id, options) => {
        this.writes.push({ type: 'deleteIndicator', machineId: '' });
        await defender.deleteIndicator(id, options);
      },
    };
    this.#provider = createProvider(() => whole, this.#process);
    this.#provider.configure({ guardrails: { maxReleases: 100, maxReleasePercent: 100 } });
  }

  /** Somebody else's isolation. */
  isolate(machineId: MachineId): void {
    this.scripted.script.actions.push(this.#action('Isolate', machineId, 'by hand', 'analyst@contoso.com'));
  }

  resource(type: string): Resource {
    const resource = this.#provider.resources.get(`mde:index:${type}`);
    if (resource === undefined) throw new Error(`there is no ${type}`);
    return resource;
  }

  context(type: string, preview = false): OperationContext {
    const token = `mde:index:${type}`;
    const note = (text: string) => void this.told.push(text);
    return {
      declaration: {
        project: 'containment',
        stack: 'dev',
        type: token,
        name: 'q',
        key: `urn:pulumi:dev::containment::${token}::q`,
      },
      preview,
      timeoutMs: undefined,
      signal: new AbortController().signal,
      log: { info: note, warn: note, status: () => {}, done: note },
    };
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#time.during(work());
  }

  end(): void {
    this.#process.end();
    this.#time.end();
    this.#provider.close();
  }

  #action(type: string, machineId: MachineId, comment: string, requestor: string): MachineAction {
    this.#requests += 1;
    const at = Math.floor(this.#process.clock.wall());
    return {
      id: guid(this.#requests) as ActionId,
      type,
      status: 'Succeeded',
      machineId,
      computerDnsName: null,
      requestor,
      requestorComment: comment,
      requestSource: requestor === app ? 'PublicApi' : 'Portal',
      scope: type === 'Isolate' ? 'Full' : type === 'RunAntiVirusScan' ? 'Quick' : null,
      sha1: type === 'StopAndQuarantineFile' ? '87662bc3d60e4200ceaf7aae249d1c343f4b83c9' : null,
      createdAt: at,
      updatedAt: at,
      cancellationRequestor: null,
      cancellationComment: null,
      externalId: null,
    };
  }
}

function machine(number: number): Machine {
  return {
    id: idOf(number),
    computerDnsName: nameOf(number),
    osPlatform: 'Windows11',
    healthStatus: 'Active',
    onboardingStatus: 'Onboarded',
    deviceValue: 'Normal',
    machineTags: [],
    ipAddresses: [{ macAddress: '0A1B2C3D4E5F' }],
  };
}

export type Values = PropertyMap;
