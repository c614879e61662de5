import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TokenCredential, TokenCredentialOptions } from '@azure/identity';
import type { Endpoint } from './endpoint.ts';
import type { DefenderError } from './errors.ts';
import { type DefenderSettings, given, type SettingProblem, settingError } from './settings.ts';
import { type SignInTrace, signInPolicy } from './sign-in-trace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface App {
  readonly tenantId: string;
  readonly clientId: string;
}

/** Which of @azure/identity's credentials signs us in, decided before anything is loaded or read. */
export type CredentialChoice =
  | ({ readonly kind: 'client-secret'; readonly clientSecret: string } & App)
  | ({
      readonly kind: 'client-certificate';
      readonly path: string;
      readonly password: string | undefined;
      readonly sendChain: boolean;
    } & App)
  | ({ readonly kind: 'token-file'; readonly path: string } & App)
  | ({ readonly kind: 'github'; readonly requestUrl: string; readonly requestToken: string } & App)
  | { readonly kind: 'managed-identity'; readonly clientId: string | undefined }
  | { readonly kind: 'azure-cli'; readonly tenantId: string | undefined }
  | { readonly kind: 'default-chain'; readonly tenantId: string | undefined; readonly clientId: string | undefined };

/** How each is told to a person. */
export const credentialNames: Readonly<Record<CredentialChoice['kind'], string>> = {
  'client-secret': 'client secret',
  'client-certificate': 'client certificate',
  'token-file': 'federated token file',
  github: 'GitHub Actions token',
  'managed-identity': 'managed identity',
  'azure-cli': 'Azure CLI',
  'default-chain': 'default chain',
};

const methodSettings = [
  'clientSecret',
  'clientCertificatePath',
  'useOidc',
  'useManagedIdentity',
  'useAzureCli',
] as const;

/** Settings that exclude each other, whatever the environment holds. */
export function credentialProblems(settings: DefenderSettings): readonly SettingProblem[] {
  const chosen = chosenMethods(settings);
  const problems: SettingProblem[] = [];
  if (chosen.length > 1) {
    problems.push({
      property: chosen[1] ?? 'clientSecret',
      reason: `${chosen.join(' and ')} are ways to sign in that exclude each other; set only one of them`,
    });
  }
  if (settings.useOidc === false && given(settings.oidcTokenFilePath) !== undefined) {
    problems.push({ property: 'oidcTokenFilePath', reason: 'it is set, but useOidc is false; drop one of them' });
  }
  const tenantId = given(settings.tenantId);
  // @azure/identity throws on anything else, without naming the setting.
  if (tenantId !== undefined && !/^[0-9A-Za-z.-]{1,253}$/.test(tenantId)) {
    problems.push({ property: 'tenantId', reason: "it must be the tenant's GUID or one of its domain names" });
  }
  return problems;
}

/** Settings first, then the environment's usual names, then the default chain. @throws DefenderError */
export function chooseCredential(settings: DefenderSettings, env: Environment): CredentialChoice {
  const [problem] = credentialProblems(settings);
  if (problem !== undefined) throw settingError(problem);
  const tenantId = given(settings.tenantId) ?? given(env.AZURE_TENANT_ID);
  const clientId = given(settings.clientId) ?? given(env.AZURE_CLIENT_ID);
  const app = (method: string): App => {
    if (tenantId === undefined) throw missing('tenantId', 'AZURE_TENANT_ID', method);
    if (clientId === undefined) throw missing('clientId', 'AZURE_CLIENT_ID', method);
    return { tenantId, clientId };
  };
  const withSecret = (clientSecret: string): CredentialChoice => ({
    kind: 'client-secret',
    clientSecret,
    ...app('a client secret'),
  });
  const withCertificate = (path: string): CredentialChoice => ({
    kind: 'client-certificate',
    path,
    password: given(settings.clientCertificatePassword) ?? given(env.AZURE_CLIENT_CERTIFICATE_PASSWORD),
    sendChain: ['1', 'true'].includes(env.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN?.toLowerCase() ?? ''),
    ...app('a client certificate'),
  });
  const withTokenFile = (path: string): CredentialChoice => ({ kind: 'token-file', path, ...app('a federated token') });

  switch (chosenMethods(settings)[0]) {
    case 'clientSecret':
      return withSecret(given(settings.clientSecret) ?? '');
    case 'clientCertificatePath':
      return withCertificate(given(settings.clientCertificatePath) ?? '');
    case 'useOidc': {
      const path = given(settings.oidcTokenFilePath) ?? given(env.AZURE_FEDERATED_TOKEN_FILE);
      if (path !== undefined) return withTokenFile(path);
      const requestUrl = given(env.ACTIONS_ID_TOKEN_REQUEST_URL);
      const requestToken = given(env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
      if (requestUrl !== undefined && requestToken !== undefined) {
        return { kind: 'github', requestUrl, requestToken, ...app('a federated token') };
      }
      throw settingError({
        property: 'useOidc',
        reason:
          'no federated token is at hand: set oidcTokenFilePath or AZURE_FEDERATED_TOKEN_FILE, or in GitHub Actions give the job the permission "id-token: write"',
      });
    }
    case 'useManagedIdentity':
      return { kind: 'managed-identity', clientId };
    case 'useAzureCli':
      return { kind: 'azure-cli', tenantId };
    default:
  }

  const secret = given(env.AZURE_CLIENT_SECRET);
  if (secret !== undefined) return withSecret(secret);
  const certificate = given(env.AZURE_CLIENT_CERTIFICATE_PATH);
  if (certificate !== undefined) return withCertificate(certificate);
  const tokenFile = settings.useOidc === false ? undefined : given(env.AZURE_FEDERATED_TOKEN_FILE);
  if (tokenFile !== undefined && clientId !== undefined) return withTokenFile(tokenFile);
  return { kind: 'default-chain', tenantId, clientId };
}

/**
 * Makes the credential, with caches of its own. @azure/identity is loaded here, on first use: it is the heavy part of
 * the process. @throws DefenderError where a named file cannot be read
 */
export async function openCredential(
  choice: CredentialChoice,
  endpoint: Endpoint,
  trace: SignInTrace,
): Promise<TokenCredential> {
  const [identity, { setLogLevel }] = await Promise.all([import('@azure/identity'), import('@azure/logger')]);
  // Its log goes to stderr and quotes requests and accounts; a stray AZURE_LOG_LEVEL must not put that into CI logs.
  setLogLevel(undefined);
  const options: TokenCredentialOptions = {
    authorityHost: endpoint.authorityHost,
    loggingOptions: { allowLoggingAccountIdentifiers: false, enableUnsafeSupportLogging: false },
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 4000 },
    additionalPolicies: [{ policy: signInPolicy(trace), position: 'perRetry' }],
  };
  // Nobody but the private login host itself knows it; asking Microsoft whether it is genuine would fail, or leave the machine.
  const appOptions = { ...options, disableInstanceDiscovery: endpoint.privateAuthority };
  switch (choice.kind) {
    case 'client-secret':
      return new identity.ClientSecretCredential(choice.tenantId, choice.clientId, choice.clientSecret, appOptions);
    case 'client-certificate':
      usableCertificate(await readText('clientCertificatePath', choice.path), choice.password);
      return new identity.ClientCertificateCredential(
        choice.tenantId,
        choice.clientId,
        {
          certificatePath: choice.path,
          ...(choice.password === undefined ? {} : { certificatePassword: choice.password }),
        },
        { ...appOptions, sendCertificateChain: choice.sendChain },
      );
    case 'token-file':
      await readText('oidcTokenFilePath', choice.path);
      return new identity.WorkloadIdentityCredential({
        ...appOptions,
        tenantId: choice.tenantId,
        clientId: choice.clientId,
        tokenFilePath: choice.path,
      });
    case 'github': {
      const { githubAssertion } = await import('./github-oidc.ts');
      return new identity.ClientAssertionCredential(
        choice.tenantId,
        choice.clientId,
        () => githubAssertion(choice.requestUrl, choice.requestToken),
        appOptions,
      );
    }
    case 'managed-identity':
      return new identity.ManagedIdentityCredential({
        ...options,
        ...(choice.clientId === undefined ? {} : { clientId: choice.clientId }),
      });
    case 'azure-cli':
      return new identity.AzureCliCredential({
        ...options,
        processTimeoutInMs: 30_000,
        ...(choice.tenantId === undefined ? {} : { tenantId: choice.tenantId }),
      });
    case 'default-chain':
      return new identity.DefaultAzureCredential({
        ...appOptions,
        ...(choice.tenantId === undefined ? {} : { tenantId: choice.tenantId }),
        ...(choice.clientId === undefined
          ? {}
          : { managedIdentityClientId: choice.clientId, workloadIdentityClientId: choice.clientId }),
      });
  }
}

function chosenMethods(settings: DefenderSettings): readonly (typeof methodSettings)[number][] {
  return methodSettings.filter((name) => {
    if (name === 'useOidc') {
      return (
        settings.useOidc === true || (settings.useOidc === undefined && given(settings.oidcTokenFilePath) !== undefined)
      );
    }
    const value = settings[name];
    return typeof value === 'string' ? given(value) !== undefined : value === true;
  });
}

function missing(property: string, variable: string, method: string): DefenderError {
  return settingError({ property, reason: `it is needed to sign in with ${method}; set it, or ${variable}` });
}

async function readText(property: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw settingError({ property, reason: `the file ${path} cannot be read` });
  }
}

/** The library finds out late and says it in words of its own; a wrong file is better named before anyone is asked. */
function usableCertificate(pem: string, password: string | undefined): void {
  try {
    const key = createPrivateKey({
      key: pem,
      format: 'pem',
      ...(password === undefined ? {} : { passphrase: password }),
    });
    if (new X509Certificate(pem).checkPrivateKey(key)) return;
  } catch {
    // Node's own words may quote the file.
  }
  throw settingError({
    property: 'clientCertificatePath',
    reason:
      'the file holds no certificate with its own private key, both as PEM (with clientCertificatePassword if the key is encrypted)',
  });
}
