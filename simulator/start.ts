import { assemble, type SimulatorCredentials, type WorldSettings } from './assemble.ts';
import { createCertificate, writeCertificate } from './certificate.ts';
import type { Control } from './control.ts';
import { ControlServer } from './control-server.ts';
import { SimulatorServer } from './server.ts';

export type { SimulatorCredentials } from './assemble.ts';

export interface SimulatorOptions extends WorldSettings {
  /** Port of sign-in and API; default any free one. */
  readonly port?: number;
  readonly controlPort?: number;
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

/** Starts a Defender for Endpoint of one's own on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, controlPort = 0 } = options;
  const certificate = await createCertificate();
  const {
    clock,
    control,
    credentials,
    listener: server,
  } = assemble(options, (parts) => new SimulatorServer(parts, certificate));
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
    credentials,
    control,
    environment: () => ({
      NODE_EXTRA_CA_CERTS: file.path,
      MDE_API_URL: apiUrl,
      AZURE_AUTHORITY_HOST: apiUrl,
      AZURE_TENANT_ID: credentials.tenantId,
      AZURE_CLIENT_ID: credentials.clientId,
      AZURE_CLIENT_SECRET: credentials.clientSecret,
    }),
    stop: async () => {
      clock.stop();
      await Promise.all([server.stop(), controlServer.stop()]);
      file.remove();
    },
  };
}
