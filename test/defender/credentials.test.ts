import { expect } from 'chai';
import { chooseCredential } from '../../provider/defender/credential-choice.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';

const app = { tenantId: 'tenant', clientId: 'client' };
const environment = { AZURE_TENANT_ID: 'env-tenant', AZURE_CLIENT_ID: 'env-client' };

describe('the choice of a credential', () => {
  const rows: [string, DefenderSettings, Record<string, string>, object][] = [
    ['a secret', { ...app, clientSecret: 's' }, {}, { kind: 'client-secret', ...app, clientSecret: 's' }],
    [
      'a secret of the environment',
      {},
      { ...environment, AZURE_CLIENT_SECRET: 's' },
      { kind: 'client-secret', tenantId: 'env-tenant', clientId: 'env-client', clientSecret: 's' },
    ],
    [
      'settings before the environment',
      { ...app, clientSecret: 's' },
      { ...environment, AZURE_CLIENT_SECRET: 'other' },
      { kind: 'client-secret', ...app, clientSecret: 's' },
    ],
    [
      'a certificate that is set before a secret of the environment',
      { ...app, clientCertificatePath: '/c.pem' },
      { AZURE_CLIENT_SECRET: 's' },
      { kind: 'client-certificate', path: '/c.pem', sendChain: false },
    ],
    [
      'a certificate of the environment',
      app,
      {
        AZURE_CLIENT_CERTIFICATE_PATH: '/c.pem',
        AZURE_CLIENT_CERTIFICATE_PASSWORD: 'p',
        AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'true',
      },
      { kind: 'client-certificate', path: '/c.pem', password: 'p', sendChain: true },
    ],
    [
      'a token file',
      { ...app, oidcTokenFilePath: '/t' },
      { AZURE_CLIENT_SECRET: 's' },
      { kind: 'token-file', path: '/t' },
    ],
    [
      'a token file of the environment (workload identity)',
      {},
      { ...environment, AZURE_FEDERATED_TOKEN_FILE: '/t' },
      { kind: 'token-file', path: '/t', clientId: 'env-client' },
    ],
    [
      'useOidc with the file of the environment',
      { ...app, useOidc: true },
      { AZURE_CLIENT_SECRET: 's', AZURE_FEDERATED_TOKEN_FILE: '/t' },
      { kind: 'token-file', path: '/t' },
    ],
    [
      "useOidc with GitHub's token service",
      { ...app, useOidc: true },
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://g', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'r' },
      { kind: 'github', requestUrl: 'https://g', requestToken: 'r' },
    ],
    [
      "GitHub's token service is not used unasked",
      app,
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://g', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'r' },
      { kind: 'default-chain' },
    ],
    [
      'a managed identity',
      { useManagedIdentity: true, clientId: 'c' },
      { AZURE_CLIENT_SECRET: 's' },
      { kind: 'managed-identity', clientId: 'c' },
    ],
    [
      'the Azure CLI',
      { useAzureCli: true, tenantId: 't' },
      { AZURE_CLIENT_SECRET: 's' },
      { kind: 'azure-cli', tenantId: 't' },
    ],
    ['the default chain', {}, {}, { kind: 'default-chain', tenantId: undefined, clientId: undefined }],
    ['blank is not set', { ...app, clientSecret: ' ' }, { AZURE_CLIENT_SECRET: '' }, { kind: 'default-chain' }],
  ];
  for (const [name, settings, env, expected] of rows) {
    it(name, () => expect(chooseCredential(settings, env)).to.deep.include(expected));
  }

  const refused: [string, DefenderSettings, Record<string, string>, string, RegExp][] = [
    [
      'a secret without a tenant',
      { clientId: 'c', clientSecret: 's3cret' },
      {},
      'tenantId',
      /set it, or AZURE_TENANT_ID/,
    ],
    [
      'a secret without a client',
      { tenantId: 't', clientSecret: 's3cret' },
      {},
      'clientId',
      /set it, or AZURE_CLIENT_ID/,
    ],
    [
      'two ways at once',
      { ...app, clientSecret: 's3cret', clientCertificatePath: '/c' },
      {},
      'clientCertificatePath',
      /clientSecret and clientCertificatePath.*exclude each other/,
    ],
    ['a secret beside OIDC', { ...app, clientSecret: 's3cret', useOidc: true }, {}, 'useOidc', /exclude each other/],
    [
      'a token file that is not to be used',
      { ...app, useOidc: false, oidcTokenFilePath: '/t' },
      {},
      'oidcTokenFilePath',
      /useOidc is false/,
    ],
    ['OIDC without a token', { ...app, useOidc: true }, {}, 'useOidc', /id-token: write/],
    [
      'a tenant that is none',
      { ...app, tenantId: 'a/b', clientSecret: 's3cret' },
      {},
      'tenantId',
      /GUID or one of its domain names/,
    ],
  ];
  for (const [name, settings, env, property, reason] of refused) {
    it(`refuses ${name}`, () => {
      try {
        chooseCredential(settings, env);
      } catch (error) {
        if (!isDefenderError(error)) throw error;
        expect(error).to.include({ kind: 'invalid-configuration', property });
        expect(error.message).to.match(reason).and.not.to.contain('s3cret');
        return;
      }
      expect.fail('it was taken');
    });
  }
});
