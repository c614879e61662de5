import { expect } from 'chai';
import { formatFindings } from '../../cli/validate/findings.ts';
import { runOffline } from './run.ts';

const good = `version: 1
comment: INC-1
hosts:
  - machineId: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07
  - deviceName: laptop-8.contoso.com
`;
const bad = `version: 1
comment: INC-1
hosts:
  - machineID: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07
  - deviceName: "lap*"
`;

describe('pulumi-mde validate', () => {
  it('says nothing on stdout and ends with 0 where all is valid', async () => {
    const ran = await runOffline(['validate', 'q.yaml'], { files: { 'q.yaml': good } });
    expect(ran).to.deep.include({ code: 0, out: '', err: 'q.yaml: valid, 2 hosts\n' });
  });

  it('tells every problem of every file with its place, and ends with 1', async () => {
    const ran = await runOffline(['validate', 'a.yaml', 'b.yaml', 'c.yaml'], {
      files: { 'a.yaml': bad, 'c.yaml': good },
    });
    expect(ran.code).to.equal(1);
    expect(ran.out).to.match(/^a\.yaml:4:5: hosts\[0\]/m);
    expect(ran.out).to.match(/^a\.yaml:5:\d+: hosts\[1\]\.deviceName: /m);
    expect(ran.out).to.match(/^b\.yaml: .*there is no such file$/m);
    expect(ran.err).to.contain('c.yaml: valid, 2 hosts');
  });

  it('lists the same as JSON', async () => {
    const ran = await runOffline(['validate', '--json', 'a.yaml', 'gone.yaml'], { files: { 'a.yaml': bad } });
    expect(ran.code).to.equal(1);
    const findings = JSON.parse(ran.out) as Record<string, unknown>[];
    for (const finding of findings) expect(finding).to.have.all.keys('file', 'line', 'column', 'path', 'reason');
    expect(findings[0]).to.deep.include({ file: 'a.yaml', line: 4, column: 5 });
    expect(findings.at(-1)).to.deep.include({ file: 'gone.yaml', line: null, column: null, path: '' });
    expect(
      JSON.parse((await runOffline(['validate', '--json', 'q.yaml'], { files: { 'q.yaml': good } })).out),
    ).to.deep.equal([]);
  });

  it('writes annotations for GitHub that no file name and no reason can break out of', () => {
    const text = formatFindings(
      [{ file: 'a,b:c%\n::d.yaml', line: 3, column: 7, path: 'hosts[0]', reason: 'is 100% wrong\r\n::error::x %0A' }],
      'github',
    );
    expect(text).to.equal(
      '::error file=a%2Cb%3Ac%25%0A%3A%3Ad.yaml,line=3,col=7::hosts[0]: is 100%25 wrong ::error::x %250A\n',
    );
  });

  it('takes wrong arguments for wrong usage: 2', async () => {
    for (const args of [['validate'], ['validate', '--format', 'xml', 'a.yaml'], ['validate', '--colour', 'a.yaml']]) {
      const ran = await runOffline(args);
      expect(ran.code, args.join(' ')).to.equal(2);
      expect(ran.out).to.equal('');
      expect(ran.err).to.match(/^error: /);
    }
  });
});

describe('pulumi-mde', () => {
  it('explains itself with examples, and each command too', async () => {
    for (const args of [
      ['--help'],
      ['validate', '--help'],
      ['status', '--help'],
      ['release', '--help'],
      ['simulate', '--help'],
    ]) {
      const ran = await runOffline(args);
      expect(ran.code, args.join(' ')).to.equal(0);
      expect(ran.out).to.match(/Examples:\n {2}pulumi-mde /);
      expect(ran.err).to.equal('');
    }
    expect((await runOffline([])).code).to.equal(1);
    expect((await runOffline(['--version'])).out).to.match(/^\d+\.\d+\.\d+/);
  });

  it('suggests the near command, and never ends with what status means by drift', async () => {
    const ran = await runOffline(['stauts']);
    expect(ran.code).to.equal(1);
    expect(ran.err).to.contain("unknown command 'stauts'").and.to.contain('Did you mean status?');
    expect((await runOffline(['status', '--nonsense'])).code).to.equal(1);
    expect((await runOffline(['status', 'gone.yaml'])).err).to.equal(
      'gone.yaml: the file cannot be read: there is no such file.\n',
    );
  });

  it('names the flag or variable that is wrong', async () => {
    const flag = await runOffline(['status', '--api-url', 'http://defender.example']);
    expect(flag).to.deep.include({ code: 1, out: '' });
    expect(flag.err).to.match(/^--api-url: /);
    const variable = await runOffline(['status'], { env: { MDE_API_URL: 'http://defender.example' } });
    expect(variable.err).to.match(/^MDE_API_URL: /);
    expect((await runOffline(['status', '--use-oidc', '--use-azure-cli'])).err).to.contain('exclude each other');
  });
});
