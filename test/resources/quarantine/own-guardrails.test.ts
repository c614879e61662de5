import { expect } from 'chai';
import fc from 'fast-check';
import type { ManifestGuardrails } from '../../../provider/manifest/manifest.ts';
import { tighter } from '../../../provider/resources/quarantine/own-guardrails.ts';

const limit = fc.option(fc.nat(50), { nil: undefined });
const list = fc.option(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }), { nil: undefined });
const guardrails = fc
  .record({
    maxReleases: limit,
    maxReleasePercent: limit,
    maxIsolations: limit,
    protected: fc.record({ machineIds: list, names: list, tags: list, osPlatforms: list }),
  })
  .map((all) => JSON.parse(JSON.stringify(all)) as ManifestGuardrails);

/** With its lists sorted: in which order they are told makes no difference. */
function inOrder({ protected: lists, ...limits }: ManifestGuardrails): unknown {
  if (lists === undefined) return limits;
  return {
    ...limits,
    protected: Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, [...list].sort()])),
  };
}

describe('guardrails of a resource and of its manifest', () => {
  it('semantics 8.1: the tighter of each limit counts, and all that either protects is protected', () => {
    fc.assert(
      fc.property(guardrails, guardrails, (a, b) => {
        const both = tighter(a, b);
        for (const name of ['maxReleases', 'maxReleasePercent', 'maxIsolations'] as const) {
          const given = [a[name], b[name]].filter((each) => each !== undefined);
          expect(both[name]).to.equal(given.length === 0 ? undefined : Math.min(...given));
        }
        for (const name of ['machineIds', 'names', 'tags', 'osPlatforms'] as const) {
          const all = new Set([...(a.protected?.[name] ?? []), ...(b.protected?.[name] ?? [])]);
          expect(both.protected?.[name] ?? []).to.have.members([...all]);
        }
        expect(inOrder(tighter(b, a))).to.deep.equal(inOrder(both));
        expect(tighter(both, {})).to.deep.equal(both);
      }),
    );
  });

  it('none at all is none', () => expect(tighter({}, {})).to.deep.equal({}));
});
