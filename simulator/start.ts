import { createCertificate, writeCertificate } from './certificate.ts';
import { VirtualClock } from './clock.ts';
import { Control } from './control.ts';
import { ControlServer } from './control-server.ts';
import { Entra } from './entra.ts';
import { Estate, type Latencies } from './estate.ts';
import { Faults } from './faults.ts';
import { createRandom } from './random.ts';
import { SimulatorServer } from './server.ts';
import { RequestLog } from './statistics.ts';
import { checkedSettings, defaultSettings, type SwitchSettings } from './switches.ts';
import { checkedLimits, documentedLimits, type RateLimits, Throttle } from './throttle.ts';

export interface SimulatorOptions {
  /** Machines of the made-up fleet; default none. */
  readonly machines?: number;
  /** The same seed gives the same fleet, ids and faults; default 1. */
  readonly seed?: number;
  /** Simulated seconds per real second; default 1, and 0 for a clock that moves only by `control.advance`. */
  readonly speed?: number;
  /** The simulated time at the start; default the real one. */
  readonly startAt?: Date | number;
  /** Port of sign-in and API; default any free one. */
  readonly port?: number;
  readonly controlPort?: number;
  readonly switches?: Partial<SwitchSettings>;
  readonly limits?: Partial<RateLimits>;
  /** Seconds an action takes by type (`Isolate`, `RunAntiVirusScan`, …), where that differs from the table's. */
  readonly latencySeconds?: Latencies;
  /** Roles of the first app; default what the product needs. */
  readonly roles?: readonly string[];
}

/** By what a client signs in to the first app. */
export interface SimulatorCredentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Simulator {
  /** `https://localhost:port`, without `/api`. */
  readonly apiUrl: string;
  /** `https://localhost:port`: the same listener. */
  readonly authorityHost: string;
  /** `http://127.0.0.1:port` */
  readonly controlUrl: string;
  /** The certificate to trust, as a file for NODE_EXTRA_CA_CERTS and as text. */
  readonly caPath: string;
  readonly caPem: string;
  readonly credentials: SimulatorCredentials;
  readonly control: Control;
  /** What a client of the first app needs in its environment. */
  environment(): Readonly<Record<string, string>>;
  /** Ends listeners, connections and timers, and removes the certificate. Safe to call twice. */
  stop(): Promise<void>;
}

const firstTenant = { id: '5a4d3c2b-0000-4000-8000-00000000c0de', domain: 'contoso.onmicrosoft.com' };

/** Starts a Defender for Endpoint of one's own on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, speed = 1, startAt = Date.now(), port = 0, controlPort = 0 } = options;
  const settings = { ...defaultSettings(), ...checkedSettings(options.switches ?? {}) };
  const random = createRandom(seed);
  const clock = new VirtualClock(Number(startAt), speed);
  const entra = new Entra(clock, random, settings);
  const throttle = new Throttle();
  throttle.limits = { ...documentedLimits, ...checkedLimits(options.limits ?? {}) };
  const faults = new Faults();
  const log = new RequestLog();
  const latencies: Latencies = { ...options.latencySeconds };
  const estates = new Map<string, Estate>();
  const estate = (tenantId: string): Estate => {
    const key = tenantId.toLowerCase();
    const known = estates.get(key) ?? new Estate(key, { clock, random, settings, latencies });
    estates.set(key, known);
    return known;
  };
  entra.addTenant(firstTenant.id, firstTenant.domain);

  const certificate = await createCertificate();
  const newGuid = (): string => random.guid();
  const server = new SimulatorServer({ clock, entra, throttle, settings, estate, newGuid, faults, log }, certificate);
  const tenantId = firstTenant.id;
  const control = new Control({
    clock,
    random,
    entra,
    throttle,
    faults,
    log,
    settings,
    latencies,
    server,
    tenantId,
    estate,
  });
  const { clientId, clientSecret } = control.addApp(options.roles === undefined ? {} : { roles: options.roles });
  if (options.machines !== undefined) control.seed({ count: options.machines, seed });

  const controlServer = new ControlServer(control);
  await server.listen(port);
  try {
    await controlServer.listen(controlPort);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const file = writeCertificate(certificate.certificatePem);
  const apiUrl = `https://localhost:${server.port}`;
  return {
    apiUrl,
    authorityHost: apiUrl,
    controlUrl: `http://127.0.0.1:${controlServer.port}`,
    caPath: file.path,
    caPem: certificate.certificatePem,
    credentials: { tenantId, clientId, clientSecret },
    control,
    environment: () => ({
      NODE_EXTRA_CA_CERTS: file.path,
      MDE_API_URL: apiUrl,
      AZURE_AUTHORITY_HOST: apiUrl,
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    }),
    stop: async () => {
      clock.stop();
      await Promise.all([server.stop(), controlServer.stop()]);
      file.remove();
    },
  };
}
