import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Respond } from '../defender/stand-in.ts';
import { anyText } from './texts.ts';

/** One answer as it leaves a server, or whatever stands in its place. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the bytes differ from what the headers say. */
  readonly ending: 'whole' | 'cut' | 'longer' | 'chunked' | 'half-chunk' | 'gzip' | 'no-gzip' | 'hang-up' | 'nonsense';
}

const statuses = fc.oneof(
  { weight: 5, arbitrary: fc.constant(200) },
  { weight: 3, arbitrary: fc.constantFrom(201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 408, 409, 429) },
  { weight: 2, arbitrary: fc.constantFrom(500, 502, 503, 504) },
  fc.integer({ min: 200, max: 999 }),
);
const contentTypes = fc.constantFrom(
  'application/json',
  'application/json; odata.metadata=minimal; charset=utf-8',
  'application/json; charset=utf-16le',
  'text/html',
  'multipart/mixed; boundary=x',
  'x',
  '',
);
const endings = fc.oneof(
  { weight: 8, arbitrary: fc.constant('whole' as const) },
  fc.constantFrom('cut', 'longer', 'chunked', 'half-chunk', 'gzip', 'no-gzip', 'hang-up', 'nonsense'),
);

/** @param body what such an answer may hold @param elsewhere a place that our token must not be sent to */
export function wireAnswer(body: fc.Arbitrary<string>, elsewhere: string): fc.Arbitrary<WireAnswer> {
  const more = fc.record(
    {
      'retry-after': fc.oneof(fc.constantFrom('0', '1', '-1', '1e9', '99999999999', 'x', ''), plainText),
      date: fc.oneof(
        fc.constantFrom('x', '', 'Mon, 05 Jan 2026 12:00:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT'),
        plainText,
      ),
      location: fc.constantFrom(elsewhere, '/api/machines', '//', 'x', ''),
      'content-encoding': fc.constantFrom('identity', 'br', 'deflate', 'x', 'gzip, gzip'),
      'set-cookie': fc.constant('a=b'),
      'x-odd': plainText,
    },
    { requiredKeys: [] },
  );
  return fc
    .record({
      status: statuses,
      type: contentTypes,
      more: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, more),
      body,
      ending: endings,
    })
    .map(({ status, type, more: headers, body: text, ending }) => ({
      status,
      headers: { 'content-type': type, ...headers },
      body: text,
      ending,
    }));
}

/** What a header may hold for Node to send it. */
const plainText = anyText.map((text) => text.replace(/[^\x20-\x7e\xa0-\xff]/g, ''));

/** Sends such an answer, byte for byte. */
export function sends({ status, headers, body, ending }: WireAnswer): Respond {
  return (_request, _response, socket) => {
    if (ending === 'hang-up') {
      socket.destroy();
      return;
    }
    if (ending === 'nonsense') {
      socket.end(`${body}\r\n\r\n`);
      return;
    }
    const plain = Buffer.from(body);
    const bytes = ending === 'gzip' ? gzipSync(plain) : plain;
    const lengths: Record<string, string> = {
      ...(ending === 'chunked' || ending === 'half-chunk' ? { 'transfer-encoding': 'chunked' } : {}),
      ...(ending === 'gzip' || ending === 'no-gzip' ? { 'content-encoding': 'gzip' } : {}),
    };
    if (lengths['transfer-encoding'] === undefined) {
      const wrong = ending === 'cut' ? 7 : ending === 'longer' ? -Math.min(7, bytes.length) : 0;
      lengths['content-length'] = String(bytes.length + wrong);
    }
    const lines = Object.entries({ ...headers, ...lengths, connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(Buffer.from(`HTTP/1.1 ${status} x\r\n${lines.join('')}\r\n`, 'latin1'));
    if (ending === 'chunked') {
      const half = bytes.length >> 1;
      for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
        if (part.length > 0)
          socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
      }
      socket.end('0\r\n\r\n');
    } else if (ending === 'half-chunk') {
      socket.end(Buffer.concat([Buffer.from('ffff\r\n'), bytes]));
    } else {
      socket.end(bytes);
    }
  };
}
