import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Row } from '../../bench/bench.ts';
import { npmPackage } from '../../bench/package.ts';
import { temporaryFolder } from '../tools/temporary-folder.ts';

describe('the bench package', function () {
  this.timeout(60_000);

  it('measures the tarball, what lies in node_modules after its installation, and what came with it', async () => {
    const root = temporaryFolder();
    try {
      root.write('package.json', JSON.stringify({ name: 'pulumi-mde', version: '0.0.0', files: ['dist'] }));
      // A MiB of hexadecimal noise, of which no tool can make less than the half.
      const noise = Array.from({ length: 2 ** 13 }, (_, index) =>
        createHash('sha512').update(`${index}`).digest('hex'),
      );
      root.write('dist/index.cjs', noise.join(''));
      root.write('left-out.txt', noise.join(''));
      const told: string[] = [];
      const { signal } = new AbortController();
      const rows: Row[] = [];
      const context = { root: root.path, signal, say: (text: string) => void told.push(text) };
      for await (const row of npmPackage.run(context)) rows.push(row);
      expect(rows).to.have.lengthOf(1);
      expect(rows[0]).to.include({ dependencies: 0 });
      expect(rows[0]?.installMiB).to.be.within(1, 1.02);
      expect(rows[0]?.tarballKiB).to.be.within(512, 640);
      expect(told.join()).to.contain('dist/index.cjs 1024 KiB').and.not.to.contain('left-out');
    } finally {
      root.remove();
    }
  });
});
