import { request } from 'node:https';
import type { Simulator } from '../../simulator/start.ts';

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body, parsed; undefined where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies of every shape
  readonly body: any;
}

export interface Call {
  readonly token?: string;
  /** Instead of the listener's own name. */
  readonly host?: string;
  readonly headers?: Record<string, string>;
}

/** A plain HTTPS client of a simulator: one connection a request, nothing retried, no redirect followed. */
export class Client {
  readonly #simulator: Simulator;
  readonly token: string;

  constructor(simulator: Simulator, token: string = simulator.control.mintToken()) {
    this.#simulator = simulator;
    this.token = token;
  }

  get(path: string, call: Call = {}): Promise<Answer> {
    return this.send('GET', path, undefined, call);
  }

  post(path: string, body: unknown, call: Call = {}): Promise<Answer> {
    return this.send('POST', path, typeof body === 'string' ? body : JSON.stringify(body), call);
  }

  /** `path` may be a whole URL, such as a next link. */
  send(method: string, path: string, body: string | undefined, call: Call = {}): Promise<Answer> {
    const { token = this.token, host, headers } = call;
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.#simulator.apiUrl),
        {
          method,
          ca: this.#simulator.caPem,
          agent: false,
          headers: {
            ...(token !== '' && { Authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
            ...(host !== undefined && { Host: host }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  isolate(id: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.post(`/api/machines/${id}/isolate`, { Comment: 'test', IsolationType: 'Full', ...more });
  }

  unisolate(id: string): Promise<Answer> {
    return this.post(`/api/machines/${id}/unisolate`, { Comment: 'test' });
  }

  /** Any response action, by the last segment of its path. */
  act(id: string, path: string, more: Record<string, unknown> = {}, call: Call = {}): Promise<Answer> {
    return this.post(`/api/machines/${id}/${path}`, { Comment: 'test', ...more }, call);
  }

  cancel(actionId: string): Promise<Answer> {
    return this.post(`/api/machineactions/${actionId}/cancel`, { Comment: 'test' });
  }

  delete(path: string, call: Call = {}): Promise<Answer> {
    return this.send('DELETE', path, undefined, call);
  }

  indicators(options: Record<string, string> = {}, call: Call = {}): Promise<Answer> {
    return this.get(`/api/indicators?${new URLSearchParams(options)}`, call);
  }

  /** `POST indicators` for a file where `more` says nothing else. */
  putIndicator(more: Record<string, unknown> = {}, call: Call = {}): Promise<Answer> {
    const file = { indicatorValue: 'a'.repeat(40), indicatorType: 'FileSha1', action: 'BlockAndRemediate' };
    return this.post('/api/indicators', { ...file, title: 'test', description: 'test', ...more }, call);
  }

  /** `GET machineactions` with query options, encoded. */
  actions(options: Record<string, string> = {}): Promise<Answer> {
    return this.get(`/api/machineactions?${new URLSearchParams(options)}`);
  }

  machines(options: Record<string, string> = {}): Promise<Answer> {
    return this.get(`/api/machines?${new URLSearchParams(options)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
