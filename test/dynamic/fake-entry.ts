/**
 * Stands in for provider/dynamic/provider.ts in a real dynamic host: the same wiring over the fake provider. What that saw is
 * left in the file that FAKE_SEEN names, for the test to read.
 */
import { writeFileSync } from 'node:fs';
import { serve } from '../../provider/dynamic/serve.ts';
import { fakeProvider, nothingSeen } from './fake-provider.ts';

const seen = nothingSeen();
const provider = serve(() => fakeProvider(seen));

function leave(): void {
  const { FAKE_SEEN } = process.env;
  if (FAKE_SEEN === undefined) throw new Error('FAKE_SEEN must name a file');
  writeFileSync(FAKE_SEEN, JSON.stringify({ ...seen, isolated: [...seen.isolated] }));
}

function seenAfter<Arguments extends unknown[], Result>(operation: (...given: Arguments) => Promise<Result>) {
  return async (...given: Arguments): Promise<Result> => {
    try {
      return await operation(...given);
    } finally {
      leave();
    }
  };
}

export const { configure } = provider;
export const check = seenAfter(provider.check);
export const diff = seenAfter(provider.diff);
export const create = seenAfter(provider.create);
export const read = seenAfter(provider.read);
export const update = seenAfter(provider.update);
const deleteResource = seenAfter(provider.delete);

export { deleteResource as delete };
