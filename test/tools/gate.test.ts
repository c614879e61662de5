import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runMocha } from '../../tools/gate/mocha-run.ts';
import { closingLine, judge, readTotals, sum } from '../../tools/gate/totals.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the gate', () => {
  describe('counts', () => {
    it('the sum of all runs', () => {
      const all = [
        { passed: 1, failed: 0, skipped: 2 },
        { passed: 3, failed: 4, skipped: 0 },
      ];
      expect(sum(all)).to.deep.equal({ passed: 4, failed: 4, skipped: 2 });
      expect(sum([])).to.deep.equal({ passed: 0, failed: 0, skipped: 0 });
    });

    it('and says it in one line, skipped tests only where there are any', () => {
      expect(closingLine({ passed: 4, failed: 0, skipped: 0 })).to.equal('4 passed, 0 failed');
      expect(closingLine({ passed: 4, failed: 1, skipped: 2 })).to.equal('4 passed, 1 failed, 2 skipped');
    });

    it('a run without a result, or with an exit code that its counts do not explain, as failed', () => {
      const good = { passed: 9, failed: 0, skipped: 0 };
      expect(judge(good, 0)).to.deep.equal(good);
      expect(judge(good, 1)).to.deep.equal({ passed: 9, failed: 1, skipped: 0 });
      expect(judge(good, null)).to.deep.equal({ passed: 9, failed: 1, skipped: 0 });
      expect(judge({ passed: 1, failed: 2, skipped: 0 }, 2)).to.deep.equal({ passed: 1, failed: 2, skipped: 0 });
      expect(judge(undefined, 0)).to.deep.equal({ passed: 0, failed: 1, skipped: 0 });
    });

    it('nothing that is not a whole result', () => {
      expect(readTotals('{"passed":1,"failed":0,"skipped":0}')).to.deep.equal({ passed: 1, failed: 0, skipped: 0 });
      for (const text of ['', '{', 'null', '{"passed":1}', '{"passed":"1","failed":0,"skipped":0}']) {
        expect(readTotals(text), text).to.equal(undefined);
      }
    });
  });

  describe('runs mocha', function () {
    this.timeout(60_000);
    let folder: TemporaryFolder;
    beforeEach(() => {
      folder = temporaryFolder();
    });
    afterEach(() => folder.remove());

    // Its listing would look like part of the real one.
    const quiet = { limitMs: 60_000, output: 'ignore' } as const;
    const run = (text: string) => runMocha(root, [folder.write('some.test.ts', text)], quiet);

    it('and takes its counts', async () => {
      const { totals, trouble } = await run(`
        it('passes', () => {});
        it('fails', () => { throw new Error('on purpose'); });
        it('is to be written');
      `);
      expect(totals).to.deep.equal({ passed: 1, failed: 1, skipped: 1 });
      expect(trouble).to.equal(undefined);
    });

    for (const [what, text] of [
      ['a file that cannot be loaded', `import './nowhere.ts'; it('passes', () => {});`],
      ['a process that ends in the middle', `it('passes', () => {}); it('ends all', () => process.exit(0));`],
    ] as const) {
      it(`and counts ${what} as failed`, async () => {
        const { totals, trouble } = await run(text);
        expect(totals).to.deep.equal({ passed: 0, failed: 1, skipped: 0 });
        expect(trouble).to.contain('without a result');
      });
    }

    it('beside others, and keeps its listing until they are done', async () => {
      const file = folder.write(
        'some.test.ts',
        `import os from 'node:os'; it('is patient', () => { if (os.getPriority() <= 0) throw new Error('in a hurry'); });`,
      );
      const { totals, listing } = await runMocha(root, [file], { ...quiet, output: 'kept', inBackground: true });
      expect(totals, listing).to.deep.equal({ passed: 1, failed: 0, skipped: 0 });
      expect(listing).to.contain('is patient');
    });

    it('and refuses tests that were singled out', async () => {
      const { totals } = await run(`it.only('passes', () => {});`);
      expect(totals.failed).to.equal(1);
    });

    it('and does not wait for ever for what a test left open', async () => {
      const file = folder.write('some.test.ts', `it('passes', () => { setInterval(() => {}, 1000); });`);
      const { totals, trouble } = await runMocha(root, [file], { ...quiet, lingerMs: 1_000 });
      expect(totals).to.deep.equal({ passed: 1, failed: 1, skipped: 0 });
      expect(trouble).to.contain('left something open');
    });
  });

  it('leaves the closing line to the reporter where mocha runs alone', function () {
    this.timeout(60_000);
    const folder = temporaryFolder();
    try {
      const file = folder.write('some.test.ts', `it('passes', () => {}); it('is to be written');`);
      const { PULUMI_MDE_TEST_RESULT: _, ...env } = process.env;
      const mocha = `${root}/node_modules/mocha/bin/mocha.js`;
      const { stdout, status } = spawnSync(process.execPath, [mocha, file], { cwd: root, env, encoding: 'utf8' });
      expect(status).to.equal(0);
      expect(stdout.trimEnd().split('\n').at(-1)).to.equal('1 passed, 0 failed, 1 skipped');
    } finally {
      folder.remove();
    }
  });
});
