import { expect } from 'chai';
import type { EngineRun } from '../../../tools/engine-env.ts';
import { failed, succeeded, tells } from '../outcome.ts';
import { until } from '../until.ts';
import { startObjectStore } from './object-store.ts';
import { startPostgres } from './postgres.ts';
import { Repository } from './repository.ts';
import { named, type OpenSite, openSite } from './site.ts';
import type { StateStore } from './state-store.ts';

const stores: readonly { name: string; start: () => Promise<StateStore | { readonly because: string }> }[] = [
  { name: 'an object store (azblob, Azurite)', start: startObjectStore },
  { name: 'PostgreSQL', start: startPostgres },
];

for (const { name, start } of stores) {
  describe(`examples/gitops with its state in ${name}, on the real engine`, () => {
    let store: StateStore;
    let site: OpenSite;
    let repository: Repository;

    before(async function () {
      const started = await start();
      if ('because' in started) {
        console.log(`    skipped: ${started.because}`);
        this.skip();
      }
      store = started;
      site = await openSite({ PULUMI_BACKEND_URL: store.url, ...store.env });
      site.addMachines('host-1', 'host-2', 'host-3');
      repository = await Repository.make(site);
    });
    after(async () => {
      await site?.end();
      await store?.stop();
    });

    /** A command on the stack, from a checkout of its own, as on a machine of its own. */
    const onAnotherMachine = (
      args: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<EngineRun> =>
      site.engine.run([...args, '--stack', 'prod', '--non-interactive'], {
        cwd: repository.installedCheckout(),
        env: { ...site.simulator.environment(), ...env },
      });
    const up = () => onAnotherMachine(['up', '--yes', '--skip-preview']);
    const declare = (...hosts: readonly string[]) => {
      repository.declare(named(...hosts));
      repository.commit(hosts.join(' '));
    };
    const isolated = () =>
      site.simulator.control.actions().map(({ computerDnsName }) => computerDnsName?.split('.')[0]);

    it('two runs, the second in the middle of the first: it is refused and says so; nothing is lost', async () => {
      site.simulator.control.setMachine('host-1.contoso.com', { latencySeconds: { Isolate: 7_200 } });
      declare('host-1');
      const first = up();
      await until('the isolation is requested', () => isolated().length > 0);
      tells(failed(await up()), 'locked');
      site.simulator.control.advance('3h');
      succeeded(await first);
      expect(isolated()).to.deep.equal(['host-1']);
    });

    it('a later run finds what was done, and does nothing twice', async () => {
      declare('host-1', 'host-2');
      succeeded(await up());
      expect(isolated()).to.deep.equal(['host-1', 'host-2']);
    });

    it('two runs started in one moment: each host gets one isolate, and the next run finds all in order', async () => {
      declare('host-1', 'host-2', 'host-3');
      // Each may have seen the other's lock, and then neither goes on.
      for (const run of await Promise.all([up(), up()])) if (run.code !== 0) tells(failed(run), 'locked');
      succeeded(await up());
      succeeded(await onAnotherMachine(['preview', '--expect-no-changes']));
      expect(isolated()).to.deep.equal(['host-1', 'host-2', 'host-3']);
    });

    if (start !== startObjectStore) return;
    it('a pull request needs no more of it than to read', async () => {
      const { readingEnv = {} } = store;
      succeeded(await onAnotherMachine(['preview'], readingEnv));
      failed(await onAnotherMachine(['up', '--yes', '--skip-preview'], readingEnv));
    });
  });
}
