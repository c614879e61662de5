import tls from 'node:tls';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { LookupFunction } from '../../provider/functions/lookup.ts';
import { createProvider } from '../../provider/resources/create-provider.ts';
import type { Provider } from '../../provider/resources/provider.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { createHurriedTime } from '../defender/fake-time.ts';

/** What a call came to. */
export interface Called {
  readonly answer: PropertyMap;
  readonly warnings: readonly string[];
}

/** A simulated tenant, whose functions are called in processes of their own over one client. */
export class Tenant {
  readonly simulator: Simulator;
  readonly control: Simulator['control'];
  readonly defender: Defender;
  readonly #trusted: string[];

  private constructor(simulator: Simulator, trusted: string[]) {
    this.simulator = simulator;
    this.control = simulator.control;
    this.#trusted = trusted;
    const { clock, timer } = createHurriedTime();
    const { apiUrl, authorityHost, credentials } = simulator;
    this.defender = createDefender(
      { ...credentials, apiUrl, authorityHost },
      { ...systemPorts(), env: {}, random: () => 0, clock: { ...clock, wall: () => Date.now() }, timer },
    );
  }

  static async open(): Promise<Tenant> {
    const trusted = tls.getCACertificates('default');
    const simulator = await startSimulator({ speed: 0, startAt: Date.UTC(2026, 0, 5, 12) });
    tls.setDefaultCACertificates([...trusted, simulator.caPem]);
    return new Tenant(simulator, trusted);
  }

  async close(): Promise<void> {
    this.defender.close();
    await this.simulator.stop();
    tls.setDefaultCACertificates(this.#trusted);
  }

  /** A process of the provider, configured. */
  process(): Provider {
    const time = createHurriedTime();
    const provider = createProvider(() => this.defender, time);
    const { apiUrl, authorityHost, credentials } = this.simulator;
    provider.configure({ ...credentials, apiUrl, authorityHost });
    return provider;
  }

  async call(name: string, inputs: PropertyMap = {}, provider = this.process()): Promise<Called> {
    const called = provider.functions.get(`mde:index:${name}`) as LookupFunction;
    const [failure] = called.check(inputs);
    if (failure !== undefined) throw new Error(`${failure.property}: ${failure.reason}`);
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (text: string) => void warnings.push(text) };
    const answer = await called.run({ signal: new AbortController().signal, log }, inputs);
    return { answer, warnings };
  }

  /** Why a call fails. */
  async refused(name: string, inputs: PropertyMap = {}): Promise<string> {
    return this.call(name, inputs).then(
      ({ answer }) => {
        throw new Error(`it did not fail: ${JSON.stringify(answer)}`);
      },
      (error: Error) => {
        if (error.name !== 'UserError') throw error;
        return error.message;
      },
    );
  }

  /** How often a route was called. */
  calls(route: string): number {
    return this.control.statistics().byRoute[route] ?? 0;
  }
}
