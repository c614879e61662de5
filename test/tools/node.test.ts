import { expect } from 'chai';
import { runsTypeScript, withNode } from '../../tools/setup/node.mjs';
import { temporaryFolder } from './temporary-folder.ts';

describe('the Node that set-up uses', () => {
  for (const [version, expected] of [
    ['20.20.2', false],
    ['22.17.9', false],
    ['22.18.0', true],
    ['v22.20.1', true],
    ['23.5.0', false],
    ['23.6.0', true],
    ['24.0.0', true],
    ['26.1.0', true],
  ] as const) {
    it(`${version} ${expected ? 'runs TypeScript' : 'is too old'}`, () =>
      expect(runsTypeScript(version)).to.equal(expected));
  }

  it('comes first on PATH only where node means another one', () => {
    const folder = temporaryFolder();
    try {
      folder.script('old/node', 'exit 0');
      folder.script('new/node', 'exit 0');
      const [old, wanted] = [`${folder.path}/old`, `${folder.path}/new`];
      expect(withNode({ PATH: `${old}:${wanted}` }, wanted).PATH).to.equal(`${wanted}:${old}`);
      expect(withNode({ PATH: `${wanted}:${old}` }, wanted).PATH).to.equal(`${wanted}:${old}`);
      expect(withNode({ PATH: `/nowhere:${wanted}` }, wanted).PATH).to.equal(`/nowhere:${wanted}`);
    } finally {
      folder.remove();
    }
  });
});
