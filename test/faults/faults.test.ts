import { testRows } from './in-mocha.ts';

// The short form; the whole one: npm run test:faults, with --only TEXT to see one row.

describe('the fault matrix, on the plugin', function () {
  this.timeout(60_000);
  testRows('plugin');
});
