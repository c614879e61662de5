import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import { machineId } from './entities.ts';
import { createHurriedTime } from './fake-time.ts';
import {
  clientId,
  clientSecret,
  issueTokens,
  json,
  loginHost,
  type Received,
  type Respond,
  type StandIn,
  startStandIn,
  tenantId,
  trustLoopback,
} from './stand-in.ts';
import { useProxy } from './tunnel.ts';

const id = machineId as MachineId;
const opaque = 'opaque+token/that~looks=like-nothing';

/** A request as gateways quote it. */
function quoted({ method, path, headers, body }: Received): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  return [`${method} ${path}`, ...lines, '', body].join(' ');
}

/** What services, gateways and login hosts answer that quote the whole request, secrets and all. */
describe('an answer that quotes the request with its token', function () {
  this.timeout(30_000);
  let login: StandIn;
  let api: StandIn;
  let distrust: () => void;
  let defender: Defender;

  before(async () => {
    distrust = await trustLoopback();
    login = await startStandIn(issueTokens(), { secure: true });
    api = await startStandIn(() => {});
  });
  after(async () => {
    await Promise.all([login.close(), api.close()]);
    distrust();
  });
  beforeEach(() => {
    login.respond = issueTokens();
    const { clock, timer } = createHurriedTime();
    defender = createDefender(
      { tenantId, clientId, clientSecret, authorityHost: login.url, apiUrl: api.url },
      { ...systemPorts(), env: {}, random: () => 0, clock, timer },
    );
  });
  afterEach(() => defender.close());

  /** All that anybody could show of the failure; it must hold no secret that was sent. */
  const failure = async (call: Promise<unknown>, besides: readonly string[] = []): Promise<string> => {
    const error = await call.then(
      (value) => {
        throw new Error(`it did not fail: ${inspect(value)}`);
      },
      (reason: unknown) => reason,
    );
    if (!isDefenderError(error)) throw error;
    const all = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`;
    const sent = [...api.received, ...login.received].flatMap(({ headers, body }) => [
      headers.authorization?.replace('Bearer ', ''),
      new URLSearchParams(body).get('client_secret'),
    ]);
    const secrets = [clientSecret, ...besides, ...sent.flatMap((each) => (each ? [each] : []))];
    for (const secret of secrets) {
      // Cut off it is still most of a token.
      expect(all.includes(secret.slice(0, 20)), all.slice(0, 300)).to.equal(false);
    }
    return error.message;
  };
  const read = () => failure(defender.getMachine(id));
  const write = () => failure(defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'INC-1'));

  const answers: Readonly<Record<string, (status: number) => Respond>> = {
    "the API's own error": (status) => (request, response) =>
      json(response, status, {
        error: { code: 'Odd', message: `refused: ${quoted(request)}`, target: quoted(request) },
      }),
    'an error whose code is the token': (status) => (request, response) =>
      json(response, status, { error: { code: request.headers.authorization, message: '' } }),
    'a page': (status) => (request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end(`<pre>${quoted(request)}</pre>`);
    },
  };
  for (const [what, answer] of Object.entries(answers)) {
    for (const status of [200, 307, 400, 401, 403, 409, 429, 500, 503]) {
      it(`tells none of it: ${what}, HTTP ${status}`, async () => {
        api.received.length = 0;
        api.respond = answer(status);
        expect(await read()).to.contain(`HTTP ${status}`);
        expect(await write()).to.contain(`HTTP ${status}`);
        expect(api.received.length).to.be.above(1);
      });
    }
  }

  it('tells none of it where the token is no JWT', async () => {
    login.respond = loginHost((_request, response) =>
      json(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: opaque }),
    );
    api.received.length = 0;
    api.respond = (request, response) =>
      json(response, 400, { error: { code: 'Odd', message: `with ${request.headers.authorization}, no` } });
    expect(await read()).to.contain('Odd: with Bearer [secret], no');
    expect(api.received[0]?.headers.authorization).to.equal(`Bearer ${opaque}`);
  });

  const refusals: Readonly<Record<string, Respond>> = {
    'as codes': ({ body }, response) =>
      json(response, 400, { error: body, error_description: body, error_codes: [clientSecret] }),
    'as the only code': (_request, response) => json(response, 401, { error: clientSecret }),
    'as a description': ({ body }, response) =>
      json(response, 400, { error: 'invalid_request', error_description: `AADSTS90013: ${body}` }),
    'on a page': ({ body }, response) => {
      response.writeHead(500, { 'content-type': 'text/html' });
      response.end(body);
    },
    'in an answer that holds no token': ({ body }, response) => json(response, 200, { error: body, body }),
    'by a redirect': ({ body }, response) => {
      response.writeHead(302, { location: `https://127.0.0.1:1/?${body}` });
      response.end();
    },
  };
  for (const [how, refuse] of Object.entries(refusals)) {
    it(`tells no client secret where the login host quotes it ${how}`, async () => {
      login.received.length = 0;
      login.respond = loginHost(refuse);
      expect(await read()).to.contain('Sign-in (client secret');
      const asked = login.received.filter(({ body }) => body.includes('client_secret='));
      expect(asked.length).to.be.above(0);
    });
  }

  it('tells no password of a proxy that refuses, and quotes it', async () => {
    const password = 'p%40ssword-of~the-proxy';
    const pair = Buffer.from(`user:${decodeURIComponent(password)}`).toString('base64');
    const offered: string[] = [];
    const proxy = http.createServer((_request, response) => response.writeHead(407).end());
    proxy.on('connect', (request, client) => {
      const given = request.headers['proxy-authorization'] ?? '';
      offered.push(given);
      client.end(`HTTP/1.1 407 ${given}\r\ncontent-length: ${given.length}\r\n\r\n${given}`);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const restore = useProxy(`http://user:${password}@127.0.0.1:${port}`);
    // Signing in by the proxy too, and where the login host is nearer.
    const open = (authorityHost?: string) =>
      createDefender(
        { tenantId, clientId, clientSecret, ...(authorityHost === undefined ? {} : { authorityHost }) },
        { ...systemPorts(), env: {}, random: () => 0, ...createHurriedTime() },
      );
    try {
      for (const each of [open(), open(login.url)]) {
        const message = await failure(each.getMachine(id), [password, decodeURIComponent(password), pair]);
        expect(message).to.match(/Sign-in|PROXY_407/);
        each.close();
      }
      expect(offered).to.include(`Basic ${pair}`);
    } finally {
      restore();
      proxy.close();
      proxy.closeAllConnections();
    }
  });
});
