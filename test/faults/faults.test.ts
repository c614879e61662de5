import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../tools/build.ts';
import { testRows } from './in-mocha.ts';

// The short form; the whole one: npm run test:faults, with --only TEXT to see one row.

describe('the fault matrix, on the plugin', function () {
  this.timeout(240_000);
  before(async () => void (await build(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))));
  testRows('plugin');
});
