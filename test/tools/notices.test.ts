import { expect } from 'chai';
import type { Metafile } from 'esbuild';
import { bundledPackages, noticesText } from '../../tools/build/notices.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('THIRD-PARTY-NOTICES', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  interface Written {
    readonly version?: string;
    readonly license?: string;
    readonly repository?: unknown;
    /** Beside its package.json, by name. */
    readonly files?: Readonly<Record<string, string>>;
  }

  function install(place: string, { files = { LICENSE: 'Do as you like.' }, ...manifest }: Written = {}): void {
    const name = place.replace(/^.*node_modules\//, '');
    folder.write(`${place}/package.json`, JSON.stringify({ name, version: '1.0.0', license: 'MIT', ...manifest }));
    for (const [file, text] of Object.entries(files)) folder.write(`${place}/${file}`, text);
  }

  /** A bundle of these files, by how much of each is in it. */
  function bundle(inputs: Readonly<Record<string, number>>): Metafile {
    const shares = Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }]);
    const output = { bytes: 1, inputs: Object.fromEntries(shares), imports: [], exports: [] };
    return { inputs: {}, outputs: { 'out.cjs': output } };
  }

  const packagesOf = (...files: readonly string[]) =>
    bundledPackages(folder.path, [bundle(Object.fromEntries(files.map((file) => [file, 7])))]);

  it('name each package of which a bundle holds code, in every version, and no other', () => {
    install('node_modules/plain');
    install('node_modules/@scope/inner', { version: '2.0.0', license: 'ISC' });
    install('node_modules/plain/node_modules/@scope/inner', { version: '1.9.0', license: 'ISC' });
    install('node_modules/shaken-off', { license: 'GPL-3.0-only' });
    const first = bundle({ 'provider/main.ts': 3, 'lazy:axios': 1, 'node_modules/shaken-off/index.js': 0 });
    const second = bundle({
      'node_modules/plain/lib/a.js': 3,
      'node_modules/plain/node_modules/@scope/inner/a.js': 3,
      'node_modules/@scope/inner/a.js': 3,
    });
    const packages = bundledPackages(folder.path, [first, second]);
    expect(packages.map(({ name, version, license }) => `${name} ${version} ${license}`)).to.deep.equal([
      '@scope/inner 1.9.0 ISC',
      '@scope/inner 2.0.0 ISC',
      'plain 1.0.0 MIT',
    ]);
  });

  it('hold what each package brings: licence, copyright and notices', () => {
    install('node_modules/whole', {
      files: { 'license.md': 'One.\r\nTwo.\r\n', NOTICE: 'By them.', 'CopyrightNotice.txt': 'Theirs.', 'a.js': 'code' },
    });
    expect(packagesOf('node_modules/whole/a.js')[0]?.text).to.equal('Theirs.\n\nBy them.\n\nOne.\nTwo.');
  });

  it('take the licence out of a README that holds it, and nothing else of it', () => {
    const license = '\n(The MIT License)\n\nCopyright &lt;a@b.c&gt;\n\nPermission is hereby granted to anybody.\n\n';
    install('node_modules/underlined', {
      files: { 'README.md': `Name\n====\nUse it.\n\nLicense\n-------\n${license}[a]: http://b\n` },
    });
    install('node_modules/marked', {
      files: { 'readme.md': `# Name\n\n## License\n${license}## Thanks\n\nTo you.\n` },
    });
    const texts = packagesOf('node_modules/underlined/a.js', 'node_modules/marked/a.js').map(({ text }) => text);
    const text = '(The MIT License)\n\nCopyright <a@b.c>\n\nPermission is hereby granted to anybody.';
    expect(texts).to.deep.equal([text, text]);
  });

  it('fail the build where a package brings no text, and where its README only names the licence', () => {
    install('node_modules/bare', { version: '3.1.0', files: {} });
    install('node_modules/naming', { files: { 'README.md': '# Name\n\n## License\n\nMIT\n' } });
    expect(() => packagesOf('node_modules/bare/a.js', 'node_modules/naming/a.js')).to.throw(
      /bare 3\.1\.0 \(node_modules\/bare\) brings no licence text\n.*naming 1\.0\.0 .* brings no licence text/,
    );
  });

  it('take the text of a package known to be of the same repository only as long as it is', () => {
    const repository = { type: 'git', url: 'https://github.com/TooTallNate/proxy-agents.git' };
    install('node_modules/proxy-agent-negotiate', { repository, files: {} });
    install('node_modules/http-proxy-agent', { repository, files: { LICENSE: 'Theirs.' } });
    const file = 'node_modules/proxy-agent-negotiate/a.js';
    expect(packagesOf(file)).to.deep.equal([
      { name: 'proxy-agent-negotiate', version: '1.0.0', license: 'MIT', text: 'Theirs.' },
    ]);
    install('node_modules/http-proxy-agent', { repository: { url: 'https://github.com/other/agents.git' } });
    expect(() => packagesOf(file)).to.throw('proxy-agent-negotiate 1.0.0');
    install('node_modules/http-proxy-agent', {});
    install('node_modules/proxy-agent-negotiate', { files: {} });
    expect(() => packagesOf(file), 'two that name none').to.throw('proxy-agent-negotiate 1.0.0');
  });

  it('fail the build for every licence that asks for more than its text, or that nobody chose', () => {
    const rights: readonly string[] = ['MIT', '0BSD', 'Apache-2.0', '(BSD-3-Clause AND Apache-2.0)', 'MIT AND ISC'];
    const wrongs = [
      'GPL-3.0-only',
      'LGPL-2.1',
      'MPL-2.0',
      'MIT OR GPL-2.0',
      '(MIT AND GPL-2.0)',
      'SEE LICENSE IN x',
      '',
    ];
    for (const license of [...rights, ...wrongs]) {
      install('node_modules/one', { license });
      const taking = () => packagesOf('node_modules/one/a.js');
      if (rights.includes(license)) expect(taking, license).not.to.throw();
      else expect(taking, license).to.throw(/one 1\.0\.0 \(node_modules\/one\) is under /);
    }
  });

  it('are the same text whatever the order of bundles, and tell a text once for all that share it', () => {
    for (const name of ['a', 'b']) install(`node_modules/${name}`);
    install('node_modules/c', { files: { LICENSE: 'Another one.' } });
    const [forth, back] = [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ].map((names) => noticesText(packagesOf(...names.map((name) => `node_modules/${name}/x.js`))));
    expect(forth).to.equal(back);
    expect(forth).to.match(/^a 1\.0\.0 \(MIT\)\nb 1\.0\.0 \(MIT\)\nc 1\.0\.0 \(MIT\)$/m);
    expect(forth).to.match(/^a 1\.0\.0\nb 1\.0\.0\n\n-+\n\nDo as you like\.$/m);
    expect(forth?.split('Do as you like.')).to.have.lengthOf(2);
    expect(forth).to.match(/^c 1\.0\.0\n\n-+\n\nAnother one\.$/m);
  });
});
