import { expect } from 'chai';
import { toDiffResponse } from '../../provider/plugin/diff-response.ts';
import type { DiffResult } from '../../provider/resources/resource.ts';

const told = (diff: Pick<DiffResult, 'detailed'>, secrets?: ReadonlySet<string>) => {
  const response = toDiffResponse({ changes: true, reasons: [], ...diff }, secrets);
  return {
    paths: response
      .getDetaileddiffMap()
      .toObject(true, () => '')
      .map(([path]) => path),
    roots: response.getDiffsList(),
    replaces: response.getReplacesList(),
  };
};

describe('the diff that the engine prints', () => {
  const detailed = {
    'hosts["pc-7"]': { kind: 'add', fromInputs: true },
    'hosts["pc-8"]': { kind: 'delete', fromInputs: false },
    'guardrails.maxReleases': { kind: 'update', fromInputs: true },
  } as const;

  it('has a path for each host, and names the property of each', () => {
    const { paths, roots, replaces } = told({ detailed });
    expect(paths).to.have.members(Object.keys(detailed));
    expect(roots).to.deep.equal(['hosts', 'guardrails']);
    expect(replaces).to.deep.equal([]);
  });

  it('leads no further than to a property that is secret as a whole: its keys are hosts', () => {
    const { paths, roots } = told({ detailed }, new Set(['hosts']));
    expect(paths).to.have.members(['hosts', 'guardrails.maxReleases']);
    expect(roots).to.deep.equal(['hosts', 'guardrails']);
    const replaced = told(
      { detailed: { 'hosts.a': { kind: 'update-replace', fromInputs: true } } },
      new Set(['hosts']),
    );
    expect(replaced).to.deep.equal({ paths: ['hosts'], roots: ['hosts'], replaces: ['hosts'] });
  });
});
