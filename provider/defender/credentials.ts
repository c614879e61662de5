import type { TokenCredential, TokenCredentialOptions } from '@azure/identity';
import { openAzureCli } from './azure-cli.ts';
import { usableCertificate } from './client-certificate.ts';
import type { CredentialChoice } from './credential-choice.ts';
import type { Endpoint } from './endpoint.ts';
import { readFileText } from './file-text.ts';
import { settingError } from './settings.ts';
import type { SignInContext } from './sign-in-context.ts';
import { inSignIn, type SignIn, signInHttpClient } from './sign-in-http.ts';

/** Each of the chain's command lines gets this long, ms; there are three of them, and the whole sign-in 90 s. */
const chainProcessMs = 20_000;

/**
 * Makes the credential, with caches of its own. @azure/identity is loaded here, on first use: it is the heavy part of
 * the process. @throws DefenderError where a named file cannot be read or used
 */
export async function openCredential(
  choice: CredentialChoice,
  endpoint: Endpoint,
  context: SignInContext,
  signIn: SignIn,
): Promise<TokenCredential> {
  const credential = await credentialOf(choice, endpoint, context, signIn);
  return { getToken: (scopes, options) => inSignIn(signIn, () => credential.getToken(scopes, options)) };
}

async function credentialOf(
  choice: CredentialChoice,
  endpoint: Endpoint,
  context: SignInContext,
  signIn: SignIn,
): Promise<TokenCredential> {
  const [identity, { setLogLevel }, { createDefaultHttpClient }] = await Promise.all([
    import('@azure/identity'),
    import('@azure/logger'),
    import('@azure/core-rest-pipeline'),
  ]);
  // Its log goes to stderr and quotes requests and accounts; a stray AZURE_LOG_LEVEL must not put that into CI logs.
  setLogLevel(undefined);
  const options: TokenCredentialOptions = {
    authorityHost: endpoint.authorityHost,
    loggingOptions: { allowLoggingAccountIdentifiers: false, enableUnsafeSupportLogging: false },
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 4000 },
    // Not a policy: the credential of managed identities drops those.
    httpClient: signInHttpClient(createDefaultHttpClient()),
  };
  // Nobody but the private login host itself knows it; asking Microsoft whether it is genuine would fail, or leave the machine.
  const appOptions = { ...options, disableInstanceDiscovery: endpoint.privateAuthority };
  switch (choice.kind) {
    case 'client-secret':
      return new identity.ClientSecretCredential(choice.tenantId, choice.clientId, choice.clientSecret, appOptions);
    case 'client-certificate':
      usableCertificate(await readText('clientCertificatePath', choice.path), choice.path, choice.password);
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
      await readToken(choice.path);
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
        () => githubAssertion(choice.requestUrl, choice.requestToken, signIn),
        appOptions,
      );
    }
    case 'azure-pipelines':
      return new identity.AzurePipelinesCredential(
        choice.tenantId,
        choice.clientId,
        choice.serviceConnectionId,
        choice.systemAccessToken,
        appOptions,
      );
    case 'managed-identity':
      return new identity.ManagedIdentityCredential({
        ...options,
        ...(choice.clientId === undefined ? {} : { clientId: choice.clientId }),
      });
    case 'azure-cli':
      return openAzureCli(identity.AzureCliCredential, choice.tenantId, context, signIn);
    case 'default-chain':
      return new identity.DefaultAzureCredential({
        ...appOptions,
        processTimeoutInMs: chainProcessMs,
        ...(choice.tenantId === undefined ? {} : { tenantId: choice.tenantId }),
        ...(choice.clientId === undefined
          ? {}
          : { managedIdentityClientId: choice.clientId, workloadIdentityClientId: choice.clientId }),
      });
  }
}

/** Far above any certificate with its chain, and any token. */
const mostBytes = 1024 * 1024;

async function readText(property: string, path: string): Promise<string> {
  try {
    return await readFileText(path, { mostBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'EFBIG' ? 'is larger than 1 MiB' : code === 'ENOTFILE' ? 'is no file' : 'cannot be read';
    throw settingError({ property, reason: `the file ${path} ${why}` });
  }
}

/** An empty file is what a login that went wrong before leaves behind; the library would say so in words of its own. */
async function readToken(path: string): Promise<void> {
  const text = await readText('oidcTokenFilePath', path);
  if (text.trim() === '') {
    throw settingError({ property: 'oidcTokenFilePath', reason: `the file ${path} is empty; it must hold the token` });
  }
}
