import { expect } from 'chai';
import { environmentSecrets } from '../../provider/environment-secrets.ts';
import { Redaction } from '../../provider/redaction.ts';

describe('the secrets of an environment', () => {
  it('are what signs a run in, and nothing else', () => {
    const env = {
      AZURE_CLIENT_SECRET: ' the-client-secret\n',
      AZURE_CLIENT_CERTIFICATE_PASSWORD: 'the-password',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the-request-token',
      SYSTEM_ACCESSTOKEN: 'the-access-token',
      IDENTITY_HEADER: 'the-header',
      MSI_SECRET: '',
      AZURE_TENANT_ID: 'contoso.com',
      PATH: '/usr/bin',
    };
    expect(environmentSecrets(env)).to.deep.equal([
      'the-client-secret',
      'the-password',
      'the-request-token',
      'the-access-token',
      'the-header',
    ]);
  });

  for (const [proxy, shown] of [
    ['http://user:p%40ssword@proxy.test:8080', ['p%40ssword', 'p@ssword', 'user:p@ssword']],
    ['user:p@ssword@proxy.test:8080', ['p@ssword', 'user:p@ssword']],
    ['https://proxy-token-1@proxy.test', ['proxy-token-1']],
  ] as const) {
    it(`are the password of a proxy in every spelling: ${proxy}`, () => {
      for (const name of ['HTTPS_PROXY', 'http_proxy', 'ALL_PROXY']) {
        const redaction = new Redaction();
        redaction.add(environmentSecrets({ [name]: proxy }));
        const spellings = [...shown, Buffer.from(shown.at(-1) ?? '').toString('base64')];
        for (const spelling of spellings) expect(redaction.redact(`<${spelling}>`), spelling).to.equal('<[secret]>');
      }
    });
  }

  it('are none where a proxy has none', () => {
    expect(environmentSecrets({ HTTPS_PROXY: 'http://proxy.test:8080/a@b', NO_PROXY: 'x@y' })).to.deep.equal([]);
  });
});
