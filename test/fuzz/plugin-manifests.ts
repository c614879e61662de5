import { expect } from 'chai';
import fc from 'fast-check';
import { PluginWorld } from '../faults/plugin/plugin-world.ts';
import { quarantine } from '../resources/host.ts';
import { idOf, nameOf } from './small-tenant.ts';
import type { Target } from './target.ts';
import { contained, declaration, declaredIn, edited, free, judgeWrites } from './up-manifests.ts';

/** What a tenant remembers makes each run slower. */
const runsOfOneWorld = 40;
const base = { fleet: quarantine({ manifest: declaration }) };

async function openWorld(): Promise<PluginWorld> {
  const world = await PluginWorld.make({ limits: { perMinute: 100_000, perHour: 1_000_000 } });
  for (const number of [...contained, ...free])
    world.control.addMachine({ id: idOf(number), computerDnsName: nameOf(number) });
  await restore(world);
  return world;
}

/** The three are contained, and the others free. */
async function restore(world: PluginWorld): Promise<void> {
  for (let each = 0; each < 2; each += 1) await world.up(base);
  // What was declared with onDelete: retain stays isolated, as it is meant to.
  for (const number of free) world.control.force(idOf(number), null);
  for (const number of contained) expect(world.isIsolated(idOf(number)), `${number} is contained again`).to.equal(true);
}

/** An `up` of whatever stands in the manifest, through the real plugin, in a tenant with contained hosts. */
const manifests: Target = {
  name: 'plugin-manifests',
  short: 5,
  cost: 2_000,
  open() {
    let world: PluginWorld | undefined;
    let runs = 0;
    const property = fc.asyncProperty(edited, async (manifest) => {
      if (runs >= runsOfOneWorld) {
        await world?.end();
        world = undefined;
        runs = 0;
      }
      world ??= await openWorld();
      runs += 1;
      const { run, writes, made, text } = await world.up({ fleet: quarantine({ manifest }) });
      const declared = declaredIn(manifest);
      const isRefused = Object.keys(run.refused).length > 0;
      if (isRefused || declared === undefined || declared.size === 0)
        expect(writes, 'I1: requests by what nobody can read, or what declares nothing').to.deep.equal([]);
      else judgeWrites(made, declared);
      expect(text, 'a stack trace').not.to.match(/^\s+at .+:\d+/m);
      if (writes.length > 0) await restore(world);
    });
    return { property, close: () => world?.end() };
  },
};

export const pluginManifestTargets = [manifests];
