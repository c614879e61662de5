import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkLayers, importsOf, wrongImports } from '../../tools/layers.ts';

describe('the check that imports point down only', () => {
  const allowed: readonly (readonly [string, string])[] = [
    ['provider/plugin/main.ts', `import '../resources/x.ts'`],
    ['provider/dynamic/index.ts', `import { a } from '../defender/api.ts'`],
    ['provider/plugin/main.ts', `import schema from '../../schema/schema.json' with { type: 'json' }`],
    ['provider/plugin/main.ts', `import manifest from '../../package.json' with { type: 'json' }`],
    ['provider/resources/a/b.ts', `import '../c.ts'`],
    ['provider/resources/x.ts', `import '../fleet/fleet.ts'; import '../containment/plan.ts'`],
    ['provider/functions/x.ts', `import type { A } from '../resources/resource.ts'`],
    ['provider/functions/x.ts', `import { a } from '../resources/schema-types.ts'`],
    ['provider/fleet/fleet.ts', `import '../containment/plan.ts'; import axios from 'axios'`],
    ['provider/containment/plan.ts', `import type { Machine } from '../defender/machine.ts'; import './lease.ts'`],
    ['provider/containment/mark.ts', `import { createHash } from 'node:crypto'`],
    ['test/plugin/x.test.ts', `import '../../simulator/server.ts'; import '../../provider/plugin/main.ts'`],
    ['examples/typescript/index.ts', `import '../../anything.ts'`],
  ];
  for (const [file, text] of allowed) {
    it(`lets ${file} say ${text}`, () => expect(wrongImports(file, text)).to.deep.equal([]));
  }

  const refused: readonly (readonly [string, string, string])[] = [
    ['provider/plugin/main.ts', `import '../dynamic/index.ts'`, 'may not look at provider/dynamic'],
    ['provider/dynamic/index.ts', `export * from '../plugin/main.ts'`, 'may not look at provider/plugin'],
    ['provider/resources/x.ts', `const a = await import('../plugin/main.ts')`, 'may not look at provider/plugin'],
    ['provider/fleet/x.ts', `import '../resources/resource.ts'`, 'may not look at provider/resources'],
    ['provider/functions/x.ts', `import { a } from '../resources/resource.ts'`, 'only types'],
    ['provider/resources/schema-types.ts', `import './resource.ts'`, 'may not look at provider/resources;'],
    [
      'provider/defender/x.ts',
      `import type { A } from '../containment/plan.ts'`,
      'may not look at provider/containment',
    ],
    ['provider/containment/x.ts', `import { a } from '../defender/machine.ts'`, 'only types'],
    ['provider/containment/x.ts', `import { type A } from '../defender/machine.ts'`, 'only types'],
    ['provider/containment/x.ts', `import { readFile } from 'node:fs'`, 'pure'],
    ['provider/containment/x.ts', `import axios from 'axios'`, 'pure'],
    ['provider/fleet/x.ts', `import '../../simulator/server.ts'`, 'may not look at simulator'],
    ['provider/fleet/x.ts', `type A = import('../../test/x.ts').A`, 'may not look at test'],
    ['provider/fleet/x.ts', `require('../../tools/build.ts')`, 'may not look at tools'],
    ['provider/fleet/x.ts', `import '../../examples/typescript/index.ts'`, 'belongs to no part'],
    ['simulator/x.ts', `import type { A } from '../provider/defender/machine.ts'`, 'may not look at provider/defender'],
    ['simulator/a/x.ts', `import '../../provider/version.ts'`, 'may not look at provider;'],
    ['simulator/x.ts', `import '../test/x.ts'`, 'may not look at test'],
  ];
  for (const [file, text, reason] of refused) {
    it(`refuses that ${file} says ${text}`, () => {
      const wrong = wrongImports(file, text);
      expect(wrong).to.have.length(1);
      expect(wrong[0])
        .to.match(new RegExp(`^${file}:1 imports `))
        .and.contain(reason);
    });
  }

  it('sees every way to name a module, and on which line', () => {
    const text = [
      `import a from 'a';`,
      `import type { B } from 'b';`,
      `export { c } from 'c';`,
      `export type { D } from 'd';`,
      `type E = import('e').E;`,
      `void import('f');`,
      `require('g');`,
      `require.resolve('h');`,
      `import.meta.resolve('i');`,
      '// import "nothing";',
    ].join('\n');
    expect(importsOf('x.ts', text)).to.deep.equal([
      { line: 1, specifier: 'a', typeOnly: false },
      { line: 2, specifier: 'b', typeOnly: true },
      { line: 3, specifier: 'c', typeOnly: false },
      { line: 4, specifier: 'd', typeOnly: true },
      { line: 5, specifier: 'e', typeOnly: true },
      { line: 6, specifier: 'f', typeOnly: false },
      { line: 7, specifier: 'g', typeOnly: false },
      { line: 8, specifier: 'h', typeOnly: false },
      { line: 9, specifier: 'i', typeOnly: false },
    ]);
  });

  it('looks at the whole repository', () => {
    expect(checkLayers(fileURLToPath(new URL('../..', import.meta.url)))).to.deep.equal([]);
  });
});
