import { DefenderError, isDefenderError } from './errors.ts';
import { asObject, asText } from './json-body.ts';
import { isCertificateFault } from './network-faults.ts';
import { type Issuer, type SignInContext, signInFailed } from './sign-in-context.ts';
import { aadstsIn, type SignInTrace } from './sign-in-trace.ts';
import { NoTokenInTime } from './tokens.ts';

interface Meaning {
  readonly what: string;
  readonly next: string;
}

/**
 * Entra's error numbers that a person can do something about. Source: Microsoft Learn, "Microsoft Entra
 * authentication and authorization error codes".
 */
const meanings: Readonly<Record<string, Meaning>> = {
  '7000215': {
    what: 'the client secret is wrong',
    next: "Set clientSecret to the secret's value (not its id) of this app registration.",
  },
  '7000222': {
    what: 'the client secret has expired',
    next: 'Create a new secret (or a federated credential) for the app registration and set clientSecret to its value.',
  },
  '700016': {
    what: 'the app is not known in this tenant',
    next: 'Check clientId and tenantId, and that an administrator consented to the app in this tenant.',
  },
  '7000229': {
    what: 'the app has no service principal in this tenant',
    next: 'Let an administrator of the tenant consent to the app, or check tenantId.',
  },
  '7000112': { what: 'the app is disabled', next: 'Enable the app in Entra ID, or use another.' },
  '7000218': {
    what: 'the app needs a secret, certificate or federated token',
    next: 'Set clientSecret, clientCertificatePath or useOidc.',
  },
  '90002': { what: 'there is no such tenant', next: 'Check tenantId, and that cloud is the one the tenant lives in.' },
  '900023': { what: 'the tenant id is malformed', next: "Set tenantId to the tenant's GUID or one of its domains." },
  '900382': { what: 'the tenant lives in another cloud', next: 'Set cloud to the one the tenant lives in.' },
  '900432': { what: 'the tenant lives in another cloud', next: 'Set cloud to the one the tenant lives in.' },
  '90038': { what: 'the tenant lives in another cloud', next: 'Set cloud to the one the tenant lives in.' },
  '500011': {
    what: 'the tenant knows no Defender for Endpoint API',
    next: 'Check that cloud is right and the tenant is licensed for Defender for Endpoint.',
  },
  '500014': {
    what: 'the Defender for Endpoint API is disabled in this tenant',
    next: 'Check the licence, and the enterprise application WindowsDefenderATP.',
  },
  '700027': {
    what: 'the certificate is not registered with the app, or no longer valid',
    next: 'Upload the public certificate of clientCertificatePath to the app registration.',
  },
  '700024': {
    what: 'the assertion is expired or not yet valid',
    next: "Check this machine's clock, and that the federated token is fresh.",
  },
  '70021': {
    what: 'no federated credential matches the token',
    next: 'Add a federated credential for this issuer and subject to the app registration.',
  },
  '700211': {
    what: "no federated credential matches the token's issuer",
    next: 'Add a federated credential for this issuer to the app registration.',
  },
  '700212': {
    what: "no federated credential matches the token's audience",
    next: 'Let the federated token be issued for the audience api://AzureADTokenExchange.',
  },
  '700213': {
    what: "no federated credential matches the token's subject",
    next: 'Add a federated credential for this repository, branch or environment to the app registration.',
  },
  '53003': {
    what: 'Conditional Access blocked the sign-in',
    next: 'Ask whoever administers Conditional Access to allow this workload, or run from an allowed network.',
  },
};

/** Entra tells these for wrong tenants as well as for wrong names, without a number of their own. */
const byOauthError: Readonly<Record<string, Meaning>> = {
  invalid_client: { what: 'the credential was refused', next: 'Check clientId and the secret, certificate or token.' },
  unauthorized_client: { what: 'the app may not sign in here', next: 'Check clientId and tenantId.' },
  invalid_tenant: { what: 'there is no such tenant', next: 'Check tenantId and cloud.' },
};

/**
 * The DefenderError that a failed sign-in is. Takes nothing over from the library's texts, which may quote tokens and
 * request bodies; only codes.
 */
export function signInError(error: unknown, trace: SignInTrace, context: SignInContext): DefenderError {
  for (const one of causes(error)) if (isDefenderError(one)) return one;
  const loginHost = new URL(context.authorityHost).host;
  const host = trace.host ?? loginHost;
  const who = signInFailed(context);
  if (error instanceof NoTokenInTime) {
    const waitedFor = trace.host === undefined ? '' : `${host} was asked last, and there was `;
    const next = 'Check that it can be reached from here, and the proxy settings (HTTPS_PROXY, NO_PROXY).';
    return failure(
      `${who}: ${waitedFor}no token within ${error.seconds} s`,
      'ETIMEDOUT',
      trace.host === undefined ? context.howToSetUp : next,
      trace.status,
    );
  }
  const { issuer } = context;
  if (issuer !== undefined && trace.host !== undefined && host !== loginHost) {
    return issuerError(who, issuer, host, trace, context);
  }
  if (trace.networkCode !== undefined) {
    const next = isCertificateFault(trace.networkCode)
      ? 'If it is signed by a private CA, name its file in NODE_EXTRA_CA_CERTS before the process starts.'
      : 'Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY) and authorityHost.';
    return failure(`${who}: ${host}: ${networkFault(trace.networkCode)}`, trace.networkCode, next, trace.status);
  }
  const code = trace.aadsts ?? [...causes(error)].map(aadstsOf).find((found) => found !== undefined);
  if (code !== undefined) {
    const meaning = meanings[code] ?? byOauthError[trace.oauthError ?? ''];
    // Where no host was asked by us, the settings that a meaning speaks of are not what signed in.
    const next =
      trace.host === undefined
        ? context.howToSetUp
        : (meaning?.next ?? `Look the code up: https://login.microsoftonline.com/error?code=${code}`);
    return failure(
      `${who}: AADSTS${code}${meaning === undefined ? '' : `: ${meaning.what}`}`,
      `AADSTS${code}`,
      next,
      trace.status,
    );
  }
  if (trace.status !== undefined && trace.status >= 400) {
    const meaning = byOauthError[trace.oauthError ?? ''];
    const named = trace.oauthError === undefined ? '' : ` ${trace.oauthError}`;
    return failure(
      `${who}: ${host} answered HTTP ${trace.status}${named}${meaning === undefined ? '' : `: ${meaning.what}`}`,
      trace.oauthError,
      meaning?.next ?? (trace.status >= 500 ? 'Try again later.' : 'Check tenantId, clientId and authorityHost.'),
      trace.status,
    );
  }
  if (trace.status !== undefined) {
    const next = 'Check authorityHost, and AZURE_AUTHORITY_HOST in the environment.';
    return failure(`${who}: ${host} does not answer as a login host does`, undefined, next, trace.status);
  }
  return failure(`${who}: no token was issued`, undefined, context.howToSetUp, trace.status);
}

/** Who should have vouched for us did not. */
function issuerError(
  who: string,
  issuer: Issuer,
  host: string,
  trace: SignInTrace,
  context: SignInContext,
): DefenderError {
  // Entra's own refusal, handed through, says more than who handed it through.
  const meaning = trace.aadsts === undefined ? undefined : meanings[trace.aadsts];
  if (trace.aadsts !== undefined) {
    const what = `${who}: AADSTS${trace.aadsts}${meaning === undefined ? '' : `: ${meaning.what}`}`;
    return failure(what, `AADSTS${trace.aadsts}`, meaning?.next ?? issuer.whenRefused, trace.status);
  }
  if (issuer.oneOfMany) return failure(`${who}: no credential was found`, undefined, context.howToSetUp, trace.status);
  const named = `${issuer.name} (${host})`;
  if (trace.networkCode !== undefined) {
    return failure(
      `${who}: ${named}: ${networkFault(trace.networkCode)}`,
      trace.networkCode,
      issuer.whenAway,
      trace.status,
    );
  }
  const oauth = trace.oauthError === undefined ? '' : ` ${trace.oauthError}`;
  const isFaulty = trace.status !== undefined && trace.status >= 500;
  return failure(
    `${who}: ${named} answered HTTP ${trace.status}${oauth}, without a token`,
    trace.oauthError,
    isFaulty ? 'Try again later.' : issuer.whenRefused,
    trace.status,
  );
}

function networkFault(code: string): string {
  if (isCertificateFault(code)) return `its certificate is not trusted (${code})`;
  return `it could not be reached (${code})`;
}

function failure(message: string, code: string | undefined, next: string, status: number | undefined): DefenderError {
  return new DefenderError(message, { kind: 'sign-in', code, next, status });
}

/** The error, what caused it, and the members of an aggregate. */
function* causes(error: unknown, depth = 0): Generator<unknown> {
  if (error === undefined || error === null || depth > 6) return;
  yield error;
  const body = asObject(error);
  if (Array.isArray(body?.errors)) for (const one of body.errors) yield* causes(one, depth + 1);
  yield* causes(body?.cause, depth + 1);
}

/** MSAL's `errorNo`, @azure/identity's `errorResponse.errorCodes`, the number in the message. */
function aadstsOf(error: unknown): string | undefined {
  const body = asObject(error);
  const codes = asObject(body?.errorResponse)?.errorCodes;
  const first = Array.isArray(codes) ? codes[0] : body?.errorNo;
  const text = typeof first === 'number' ? String(first) : asText(first);
  if (text !== undefined && /^\d{4,8}$/.test(text)) return text;
  // The Azure CLI passes Entra's refusal on as text alone; its number is a code all the same.
  return aadstsIn(asText(body?.message));
}
