import { expect } from 'chai';
import fc from 'fast-check';
import { withoutCredentials } from '../../provider/defender/credential-shapes.ts';
import { jwt } from './entities.ts';

describe('what looks like a credential', () => {
  const token = jwt({ aud: 'https://api.securitycenter.microsoft.com', tid: 'contoso', n: 1 });
  const line = 'MIIBsecretsecret'.repeat(4);
  const pem = [
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    line,
    line,
    'MIIBshort==',
    '-----END ENCRYPTED PRIVATE KEY-----',
  ];

  for (const [what, text, told] of [
    ['a token', `no entry for ${token}, sorry`, 'no entry for [secret], sorry'],
    ['a token that was cut off', `no entry for ${token.slice(0, 30)}…`, 'no entry for [secret]…'],
    ['a header', 'Authorization: Bearer abc123def456ghi, Host: x', 'Authorization: Bearer [secret], Host: x'],
    ['a header of a proxy', 'Proxy-Authorization: Basic dTpwYXNzd29yZA==', 'Proxy-Authorization: Basic [secret]'],
    ['a proxy', 'via http://user:p%40ss@proxy.test:8080/', 'via http://[secret]@proxy.test:8080/'],
    ['a link to a file', 'https://x.test/p.zip?sv=1&sig=ab%2Fcd&se=2', 'https://x.test/p.zip?sv=1&sig=[secret]&se=2'],
    ['a form', 'client_id=c&client_secret=s~e.c&scope=x', 'client_id=c&client_secret=[secret]&scope=x'],
    ['an answer', '{"access_token": "opaque","n":1}', '{"access_token":"[secret]","n":1}'],
    ['a private key', `key: ${pem.join('\n')}\nend`, 'key: [secret]\nend'],
    ['a private key on one line', `key: ${pem.join('\\n')} end`, 'key: [secret] end'],
    ['the beginning of a private key', `${pem.slice(0, 3).join('\n')}\nnext`, '[secret]\nnext'],
  ] as const) {
    it(`is taken out: ${what}`, () => expect(withoutCredentials(text)).to.equal(told));
  }

  it('is taken out also where it looks like nothing, once it is known', () => {
    expect(withoutCredentials('got opaque/+token twice: opaque/+token', 'opaque/+token')).to.equal(
      'got [secret] twice: [secret]',
    );
  });

  for (const text of [
    'Bearer authentication is needed; Basic authentication is disabled',
    'see https://learn.microsoft.com/defender-endpoint/api?view=o365#sign-in, or mail soc@contoso.com',
    'isolate 1e5bc9d7e413ddd7902c2932e418702b84d0cc07 (INC-4711) [mde:0123456789abcdef]',
    'the app needs a secret; set clientSecret, assertion or password',
  ]) {
    it(`is not to be found in: ${text}`, () => expect(withoutCredentials(text)).to.equal(text));
  }

  it('is never more than itself: no comment makes the rows after it disappear', () => {
    const rows = '\npc-2.contoso.com isolated\n{"host":"pc-3.contoso.com"}\n';
    for (const hostile of [
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----\n',
      `${pem[0]}\n${line}`,
      '"access_token":"',
      'client_secret=',
      'Bearer 1234567890123',
      'http://user:',
      '?sig=',
      token,
    ]) {
      expect(withoutCredentials(`pc-1 isolated ${hostile}${rows}`), hostile).to.match(/^pc-1 isolated /);
      expect(withoutCredentials(`pc-1 isolated ${hostile}${rows}`).endsWith(rows.trimStart()), hostile).to.equal(true);
    }
  });

  it('is looked for in eight million characters, without an end of the stack', () => {
    const line = `${'A'.repeat(64)}\n`;
    for (const piece of [line, '\n', 'A', '\\n', `BEGIN PRIVATE KEY-----\n${line}-----`]) {
      for (const opening of [
        '-----BEGIN PRIVATE KEY-----\n',
        'eyJ',
        'Bearer ',
        'https://',
        '?sig=',
        'client_secret=',
        '"assertion":"',
      ])
        withoutCredentials(`${opening}${piece.repeat(Math.floor(8_000_000 / piece.length))}`);
    }
  });

  it('is looked for in one pass, whatever the text', () => {
    const pieces = fc.constantFrom(
      'eyJ',
      'a.',
      'Bearer ',
      'http://',
      '-----BEGIN PRIVATE KEY-----',
      '?sig=',
      'a',
      '"',
      '\n',
      'A'.repeat(16),
    );
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 3 }), (parts) => {
        const long = parts.join('').repeat(20_000);
        const started = process.cpuUsage().user;
        withoutCredentials(long);
        expect(process.cpuUsage().user - started).to.be.below(1_000_000);
      }),
      { numRuns: 60 },
    );
  });
});
