import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

// node download.mjs URL FILE|-: fetches one file; exit code 1 where it is not to be had.

const answerWithinMs = 5_000;
const stallMs = 30_000;

const [, , url = '', to = '-'] = process.argv;
const abort = new AbortController();
let timer = setTimeout(() => abort.abort(), answerWithinMs);
try {
  const response = await fetch(url, { signal: abort.signal });
  if (!response.ok || response.body === null) throw new Error(`${response.status}`);
  const watching = new Transform({
    transform(chunk, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), stallMs);
      done(null, chunk);
    },
  });
  const body = Readable.fromWeb(/** @type {import('node:stream/web').ReadableStream} */ (response.body));
  await pipeline(body, watching, to === '-' ? process.stdout : createWriteStream(to));
} catch (error) {
  process.stderr.write(`${url}: ${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
}
