import type { DefenderError } from './errors.ts';
import { type DefenderSettings, given, type SettingProblem, settingError } from './settings.ts';

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
  | ({
      readonly kind: 'azure-pipelines';
      readonly serviceConnectionId: string;
      readonly systemAccessToken: string;
    } & App)
  | { readonly kind: 'managed-identity'; readonly clientId: string | undefined }
  | { readonly kind: 'azure-cli'; readonly tenantId: string | undefined }
  | { readonly kind: 'default-chain'; readonly tenantId: string | undefined; readonly clientId: string | undefined };

/** How each is told to a person. */
export const credentialNames: Readonly<Record<CredentialChoice['kind'], string>> = {
  'client-secret': 'client secret',
  'client-certificate': 'client certificate',
  'token-file': 'federated token file',
  github: 'GitHub Actions token',
  'azure-pipelines': 'Azure Pipelines token',
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

/** What AZURE_TOKEN_CREDENTIALS may say, in lower case. Source: DefaultAzureCredential's own reference. */
const chainNames: readonly string[] = [
  'dev',
  'prod',
  'environmentcredential',
  'workloadidentitycredential',
  'managedidentitycredential',
  'visualstudiocodecredential',
  'azureclicredential',
  'azurepowershellcredential',
  'azuredeveloperclicredential',
];

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
  // Told apart before anything is stored: in state and in messages a path stands in clear.
  if (settings.clientCertificatePath?.includes('-----BEGIN ') === true) {
    problems.push({
      property: 'clientCertificatePath',
      reason: 'it holds the certificate itself; write that to a file, and set this to its path',
    });
  }
  if (/^\s*eyJ[\w-]+\./.test(settings.oidcTokenFilePath ?? '')) {
    problems.push({
      property: 'oidcTokenFilePath',
      reason: 'it holds the token itself; write that to a file, and set this to its path',
    });
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
      // The library reads the address of the token service from the environment itself.
      const serviceConnectionId = given(env.AZURESUBSCRIPTION_SERVICE_CONNECTION_ID);
      const systemAccessToken = given(env.SYSTEM_ACCESSTOKEN);
      const isPipeline = given(env.SYSTEM_OIDCREQUESTURI) !== undefined;
      if (isPipeline && serviceConnectionId !== undefined && systemAccessToken !== undefined) {
        return { kind: 'azure-pipelines', serviceConnectionId, systemAccessToken, ...app('a federated token') };
      }
      throw settingError({
        property: 'useOidc',
        reason: isPipeline
          ? 'no federated token is at hand: in Azure Pipelines give the step SYSTEM_ACCESSTOKEN: $(System.AccessToken) and AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, or set AZURE_FEDERATED_TOKEN_FILE'
          : 'no federated token is at hand: set oidcTokenFilePath or AZURE_FEDERATED_TOKEN_FILE, or in GitHub Actions give the job the permission "id-token: write"',
      });
    }
    case 'useManagedIdentity': {
      // So does the library on Kubernetes, but with a login host of its own choice.
      const path = given(env.AZURE_FEDERATED_TOKEN_FILE);
      if (path !== undefined && clientId !== undefined && given(env.AZURE_TENANT_ID) !== undefined) {
        if (settings.useOidc === false) throw unusedTokenFile();
        return withTokenFile(path);
      }
      return { kind: 'managed-identity', clientId };
    }
    case 'useAzureCli':
      return { kind: 'azure-cli', tenantId };
    default:
  }

  const secret = given(env.AZURE_CLIENT_SECRET);
  if (secret !== undefined) return withSecret(secret);
  const certificate = given(env.AZURE_CLIENT_CERTIFICATE_PATH);
  if (certificate !== undefined) return withCertificate(certificate);
  const tokenFile = given(env.AZURE_FEDERATED_TOKEN_FILE);
  if (tokenFile !== undefined && clientId !== undefined) {
    if (settings.useOidc === false) throw unusedTokenFile();
    return withTokenFile(tokenFile);
  }
  const chain = given(env.AZURE_TOKEN_CREDENTIALS);
  if (chain !== undefined && !chainNames.includes(chain.toLowerCase())) {
    throw settingError({
      property: 'AZURE_TOKEN_CREDENTIALS',
      reason: 'it names no part of the default chain; use dev, prod, or a name such as AzureCliCredential',
    });
  }
  return { kind: 'default-chain', tenantId, clientId };
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

/** The library's own credentials would sign in with it all the same, and nothing keeps them from it. */
function unusedTokenFile(): DefenderError {
  return settingError({
    property: 'useOidc',
    reason:
      'it is false, but AZURE_FEDERATED_TOKEN_FILE is set and would be used; unset that variable, or choose another way to sign in',
  });
}

function missing(property: string, variable: string, method: string): DefenderError {
  return settingError({ property, reason: `it is needed to sign in with ${method}; set it, or ${variable}` });
}
