import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broken } from '../broken.ts';
import { certificateOf, type Elsewhere, elsewhere } from './elsewhere.ts';
import type { PluginFault, Scene } from './story.ts';

const nothingRead = { ends: 'failing', writes: 'none' } as const;
const network = /Check the network, the proxy settings \(HTTPS_PROXY, NO_PROXY\) and apiUrl/;

function unheard(other: Elsewhere): void {
  if (other.received.length > 0) throw new Broken('I7', `another host was sent ${other.received.join(', ')}`);
}

interface BadCertificate {
  readonly name: string;
  readonly isExpired: boolean;
  readonly isTrusted: boolean;
}

/** The API, or sign-in, stands behind another certificate. */
function behind(what: 'apiUrl' | 'authorityHost', certificate: BadCertificate): Pick<PluginFault, 'begin'> {
  return {
    begin: async ({ world }: Scene) => {
      const { cert, key } = await certificateOf(certificate);
      const other = await elsewhere({ cert, key });
      const folder = mkdtempSync(join(tmpdir(), 'mde-faults-'));
      const trusted = join(folder, 'ca.pem');
      writeFileSync(trusted, [world.simulator.caPem, ...(certificate.isTrusted ? [cert] : [])].join('\n'));
      const undo = world.differs({ config: { [what]: other.url }, env: { NODE_EXTRA_CA_CERTS: trusted } });
      return async () => {
        undo();
        await other.end();
        rmSync(folder, { recursive: true });
        unheard(other);
      };
    },
  };
}

/** Every read leads to another host. */
const redirectsAll: PluginFault['begin'] = async ({ world }) => {
  const other = await elsewhere();
  world.control.addFault({ effect: { kind: 'redirect', location: `${other.url}/api/machines` } });
  return async () => {
    await other.end();
    unheard(other);
  };
};

const redirectsWrites: PluginFault['begin'] = async ({ world }) => {
  const other = await elsewhere();
  for (const route of ['POST machines/{id}/isolate', 'POST machines/{id}/unisolate'])
    world.control.addFault({ effect: { kind: 'redirect', location: `${other.url}/api/machines` }, route });
  return async () => {
    await other.end();
    unheard(other);
  };
};

/** What is wrong between us and the service. */
export const networkFaults: readonly PluginFault[] = [
  {
    fault: 'connections are refused',
    expected: 'nothing is written; the login host is named, and what to check',
    short: false,
    begin: ({ world }) => {
      world.control.refuseConnections();
      return () => world.control.acceptConnections();
    },
    ...nothingRead,
    tells: [/ECONNREFUSED/, /Check the network/],
  },
  {
    fault: 'connections to the API are refused',
    expected: 'nothing is written; the API host is named, and what to check',
    short: false,
    // Port 1 of this machine: nobody listens there.
    process: { config: { apiUrl: 'https://localhost:1' } },
    ...nothingRead,
    tells: [/localhost:1: no connection \(ECONNREFUSED\)/, network],
  },
  {
    fault: "the API's name is unknown to DNS",
    expected: 'nothing is written; the host is named, and what to check',
    short: true,
    process: { clock: { unknownHost: 'localhost' } },
    ...nothingRead,
    tells: [/localhost:\d+: no connection \(ENOTFOUND\)/, network],
  },
  {
    fault: "the login host's name is unknown to DNS",
    expected: 'nothing is read or written; the host is named, and what to check',
    short: false,
    begin: ({ world }) =>
      world.differs({ config: { authorityHost: world.simulator.apiUrl }, clock: { unknownHost: 'localhost' } }),
    ...nothingRead,
    tells: [/localhost:\d+: it could not be reached \(ENOTFOUND\)/, /authorityHost/],
  },
  {
    fault: "the API's certificate is of a CA that nobody trusts",
    expected: 'not repeated, nothing is sent; told, with NODE_EXTRA_CA_CERTS',
    short: false,
    ...behind('apiUrl', { name: 'localhost', isExpired: false, isTrusted: false }),
    ...nothingRead,
    tells: [/no connection \(DEPTH_ZERO_SELF_SIGNED_CERT\)/, /NODE_EXTRA_CA_CERTS/],
  },
  {
    fault: "the API's certificate is for another name",
    expected: 'not repeated, nothing is sent; told',
    short: false,
    ...behind('apiUrl', { name: 'api.elsewhere.test', isExpired: false, isTrusted: true }),
    ...nothingRead,
    tells: [/no connection \(ERR_TLS_CERT_ALTNAME_INVALID\)/, /certificate/],
  },
  {
    fault: "the API's certificate has expired",
    expected: 'not repeated, nothing is sent; told',
    short: true,
    ...behind('apiUrl', { name: 'localhost', isExpired: true, isTrusted: true }),
    ...nothingRead,
    tells: [/no connection \(CERT_HAS_EXPIRED\)/, /certificate/],
  },
  {
    fault: "the login host's certificate has expired",
    expected: 'no secret is sent; told',
    short: false,
    ...behind('authorityHost', { name: 'localhost', isExpired: true, isTrusted: true }),
    ...nothingRead,
    tells: [/CERT_HAS_EXPIRED|certificate/],
  },
  {
    fault: 'the API redirects to another host',
    expected: 'not followed, no token leaves; told, with apiUrl',
    short: true,
    begin: redirectsAll,
    ...nothingRead,
    tells: [/answered with a redirect, which is not followed/, /Set apiUrl/],
  },
  {
    fault: 'writes are redirected to another host',
    expected: 'not followed, no token leaves; sent once each, and told',
    short: false,
    begin: redirectsWrites,
    preview: 'well',
    ends: 'failing',
    writes: 'some',
    tells: [/answered with a redirect, which is not followed/, /NOT CONTAINED/],
    after: (_scene, { made }) => {
      if (made.length > 0) throw new Error(`carried out was ${made.map(({ type }) => type).join()}`);
    },
  },
];
