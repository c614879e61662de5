import { testRows } from '../faults/in-mocha.ts';

// The short form; the whole one: npm run test:faults, with --only TEXT to see one row.

describe('the fault matrix, on the real engine', () => {
  testRows('engine');
});
