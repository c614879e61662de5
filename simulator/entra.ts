import { createHash, createPublicKey, type KeyObject, timingSafeEqual, type X509Certificate } from 'node:crypto';
import type { VirtualClock } from './clock.ts';
import { knownResource } from './clouds.ts';
import { type Claims, createSigningKey, decodeJwt, isSignedBy, type SigningKey, signJwt } from './jwt.ts';
import type { Random } from './random.ts';
import type { SwitchSettings } from './switches.ts';

/** Whom an app trusts to vouch for it (workload identity): tokens of `issuer` for `subject`. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  /** Default `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** The issuer's public key in PEM; absent: the simulator's own issuer, see `federatedToken`. */
  readonly publicKeyPem?: string;
}

export interface ClientSecret {
  readonly value: string;
  expired: boolean;
}

/** An app registration. */
export interface App {
  readonly tenantId: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly objectId: string;
  roles: readonly string[];
  secrets: ClientSecret[];
  certificates: X509Certificate[];
  federated: FederatedCredential[];
}

/** What a verified token says of its bearer. */
export interface Bearer {
  readonly tenantId: string;
  readonly appId: string;
  readonly audience: string;
  /** App roles, or delegated permissions. */
  readonly permissions: readonly string[];
  readonly delegated: boolean;
  readonly appDisplayName: string;
  /** Set for a person. */
  readonly userPrincipalName: string | undefined;
}

export interface TokenRequest {
  readonly tenant: string;
  readonly version: 1 | 2;
  readonly form: URLSearchParams;
  /** Where the request was sent, and so what an assertion must be addressed to. */
  readonly origin: string;
}

export interface IssuedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly resource: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
}

/** What a hand-made token shall say; see `mint`. */
export interface MintRequest {
  readonly tenantId: string;
  readonly appId: string;
  readonly appDisplayName?: string;
  readonly roles?: readonly string[];
  /** Delegated permissions, for a token of a person. */
  readonly scopes?: readonly string[];
  readonly userPrincipalName?: string;
  readonly audience?: string;
  /** Seconds; may be negative. */
  readonly expiresIn?: number;
}

/** A refusal with Entra's own number. */
export class SignInError extends Error {
  readonly status: number;
  readonly error: string;
  readonly code: number;

  constructor(status: number, error: string, code: number, message: string) {
    super(`AADSTS${code}: ${message}`);
    this.name = 'SignInError';
    this.status = status;
    this.error = error;
    this.code = code;
  }
}

const tokenLifeSeconds = 3599;
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const federationAudience = 'api://AzureADTokenExchange';
const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domainPattern = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/** Microsoft Entra as far as an app needs it: tenants, app registrations, and the tokens that they get. */
export class Entra {
  /** Tenant id to the names (`contoso.onmicrosoft.com`) that stand for it. */
  readonly tenants = new Map<string, Set<string>>();
  readonly #apps = new Map<string, App>();
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #settings: SwitchSettings;
  readonly #key: SigningKey = createSigningKey('simulated-entra');
  readonly #federationKey: SigningKey = createSigningKey('simulated-issuer');
  #issued = 0;
  #expiredUpTo = 0;
  readonly #verified = new Map<string, Claims>();

  constructor(clock: VirtualClock, random: Random, settings: SwitchSettings) {
    this.#clock = clock;
    this.#random = random;
    this.#settings = settings;
  }

  addTenant(tenantId: string, domain?: string): void {
    const domains = this.tenants.get(tenantId.toLowerCase()) ?? new Set();
    if (domain !== undefined) domains.add(domain.toLowerCase());
    this.tenants.set(tenantId.toLowerCase(), domains);
  }

  addApp(app: Omit<App, 'objectId'>): App {
    const registered: App = { ...app, objectId: this.#random.guid() };
    this.addTenant(app.tenantId);
    this.#apps.set(appKey(app.tenantId, app.clientId), registered);
    return registered;
  }

  app(tenantId: string, clientId: string): App | undefined {
    return this.#apps.get(appKey(tenantId, clientId));
  }

  apps(): readonly App[] {
    return [...this.#apps.values()];
  }

  /** The id of the tenant that `name` (id or domain) stands for. Throws a SignInError. */
  tenantId(name: string): string {
    const wanted = name.toLowerCase();
    for (const [id, domains] of this.tenants) {
      if (id === wanted || domains.has(wanted)) return id;
    }
    if (!guidPattern.test(name) && !domainPattern.test(name)) {
      throw new SignInError(
        400,
        'invalid_request',
        900023,
        `Specified tenant identifier '${name}' is neither a valid DNS name, nor a valid external domain.`,
      );
    }
    throw new SignInError(
      400,
      'invalid_tenant',
      90002,
      `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
    );
  }

  /** A token by the client credentials grant. Throws a SignInError. */
  token({ tenant, version, form, origin }: TokenRequest): IssuedToken {
    const tenantId = this.tenantId(tenant);
    const grant = form.get('grant_type');
    if (grant !== 'client_credentials') {
      throw grant === null
        ? missingParameter('grant_type')
        : new SignInError(
            400,
            'unsupported_grant_type',
            70003,
            `The app requested an unsupported grant type '${grant}'.`,
          );
    }
    const clientId = form.get('client_id');
    if (clientId === null || clientId === '') throw missingParameter('client_id');
    const app = this.app(tenantId, clientId);
    if (app === undefined) {
      throw new SignInError(
        400,
        'unauthorized_client',
        700016,
        `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
      );
    }
    this.#authenticate(app, form, origin);
    const resource = version === 1 ? resourceOf(form.get('resource')) : resourceOfScope(form.get('scope'));
    const known = knownResource(resource, new URL(origin).hostname);
    if (known === undefined) {
      throw new SignInError(
        400,
        'invalid_resource',
        500011,
        `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
      );
    }
    const accessToken = this.mint({
      tenantId,
      appId: app.clientId,
      appDisplayName: app.displayName,
      roles: app.roles,
      audience: known,
    });
    return { accessToken, expiresIn: tokenLifeSeconds, resource: known, notBefore: this.#nowSeconds() };
  }

  /** A signed token that says what it is told to, whoever asks. */
  mint(request: MintRequest): string {
    const now = this.#nowSeconds();
    const app = this.app(request.tenantId, request.appId);
    const person = request.scopes !== undefined;
    this.#issued += 1;
    const claims: Claims = {
      aud: request.audience ?? 'https://api.securitycenter.microsoft.com',
      iss: `https://sts.windows.net/${request.tenantId}/`,
      iat: now,
      nbf: now,
      exp: now + (request.expiresIn ?? tokenLifeSeconds),
      app_displayname: request.appDisplayName ?? app?.displayName ?? request.appId,
      appid: request.appId,
      idtyp: person ? 'user' : 'app',
      oid: app?.objectId ?? this.#random.guid(),
      ...(person
        ? { scp: request.scopes?.join(' '), upn: request.userPrincipalName ?? 'analyst@contoso.com' }
        : { roles: request.roles ?? [] }),
      tid: request.tenantId,
      uti: this.#issued.toString(36),
      ver: '1.0',
    };
    return signJwt(claims, this.#key);
  }

  /** Makes every token given out so far invalid. */
  expireTokens(): void {
    this.#expiredUpTo = this.#issued;
  }

  /** The bearer of a token, or undefined where it is not ours, damaged or expired. */
  bearer(token: string): Bearer | undefined {
    const claims = this.#verified.get(token) ?? this.#verify(token);
    if (claims === undefined) return undefined;
    if (Number(claims.exp) <= this.#nowSeconds()) return undefined;
    if (Number.parseInt(String(claims.uti), 36) <= this.#expiredUpTo) return undefined;
    const delegated = typeof claims.scp === 'string';
    return {
      tenantId: String(claims.tid),
      appId: String(claims.appid),
      audience: String(claims.aud),
      permissions: delegated ? String(claims.scp).split(' ') : ((claims.roles ?? []) as readonly string[]),
      delegated,
      appDisplayName: String(claims.app_displayname),
      userPrincipalName: delegated ? String(claims.upn) : undefined,
    };
  }

  /** A token of the simulator's own issuer, as a pipeline would find it in AZURE_FEDERATED_TOKEN_FILE. */
  federatedToken({ issuer, subject, audience = federationAudience }: FederatedCredential): string {
    const now = Math.floor(Date.now() / 1000);
    return signJwt({ iss: issuer, sub: subject, aud: audience, iat: now, exp: now + 600 }, this.#federationKey);
  }

  keys(): { keys: readonly object[] } {
    const { publicKey, keyId } = this.#key;
    return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'ES256' }] };
  }

  #verify(token: string): Claims | undefined {
    const decoded = decodeJwt(token);
    if (decoded === undefined || !isSignedBy(decoded, this.#key.publicKey)) return undefined;
    if (this.#verified.size > 1000) this.#verified.clear();
    this.#verified.set(token, decoded.claims);
    return decoded.claims;
  }

  #authenticate(app: App, form: URLSearchParams, origin: string): void {
    const secret = form.get('client_secret');
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      if (form.get('client_assertion_type') !== jwtBearer) throw missingParameter('client_assertion_type');
      this.#checkAssertion(app, assertion, origin);
      return;
    }
    if (secret === null) {
      throw new SignInError(
        401,
        'invalid_client',
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      );
    }
    const match = app.secrets.find(({ value }) => isEqual(value, secret));
    if (match === undefined) {
      throw new SignInError(
        401,
        'invalid_client',
        7000215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.clientId}'.`,
      );
    }
    if (match.expired) {
      throw new SignInError(
        401,
        'invalid_client',
        7000222,
        `The provided client secret keys for app '${app.clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
      );
    }
  }

  #checkAssertion(app: App, assertion: string, origin: string): void {
    const decoded = decodeJwt(assertion);
    if (decoded === undefined)
      throw new SignInError(401, 'invalid_client', 50027, 'JWT token is invalid or malformed.');
    const { claims, header } = decoded;
    // An assertion is made by the caller, who lives in real time.
    const now = Date.now() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp < now - 300 || Number(claims.nbf ?? 0) > now + 300) {
      throw new SignInError(401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.');
    }
    if (claims.iss === app.clientId) {
      const thumbprints = [header.x5t, header['x5t#S256']];
      const named = app.certificates.filter((one) => thumbprints.some((print) => isThumbprint(one, print)));
      if (!named.some((one) => isSignedBy(decoded, one.publicKey))) {
        throw new SignInError(
          401,
          'invalid_client',
          700027,
          `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${app.clientId}'.]`,
        );
      }
      const addressed = String(claims.aud).toLowerCase().startsWith(`${origin.toLowerCase()}/`);
      if (claims.sub !== app.clientId || !addressed) {
        throw new SignInError(
          401,
          'invalid_client',
          700023,
          'Client assertion audience claim does not match Realm issuer.',
        );
      }
      return;
    }
    const trust = app.federated.find(({ issuer, subject }) => issuer === claims.iss && subject === claims.sub);
    if (trust === undefined || (trust.audience ?? federationAudience) !== claims.aud) {
      throw new SignInError(
        401,
        'invalid_client',
        700213,
        `No matching federated identity record found for presented assertion subject '${String(claims.sub)}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`,
      );
    }
    if (!isSignedBy(decoded, this.#issuerKey(trust))) {
      throw new SignInError(401, 'invalid_client', 5000142, 'The signature of the presented assertion is not valid.');
    }
  }

  #issuerKey(trust: FederatedCredential): KeyObject {
    return trust.publicKeyPem === undefined ? this.#federationKey.publicKey : createPublicKey(trust.publicKeyPem);
  }

  #nowSeconds(): number {
    return Math.floor((this.#settings.tokenClock === 'real' ? Date.now() : this.#clock.now()) / 1000);
  }
}

function appKey(tenantId: string, clientId: string): string {
  return `${tenantId}/${clientId}`.toLowerCase();
}

function missingParameter(name: string): SignInError {
  return new SignInError(
    400,
    'invalid_request',
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

function resourceOf(resource: string | null): string {
  if (resource === null || resource === '') throw missingParameter('resource');
  return resource;
}

function resourceOfScope(scope: string | null): string {
  if (scope === null || scope === '') throw missingParameter('scope');
  const wanted = scope.split(/\s+/).filter((one) => !['openid', 'profile', 'offline_access'].includes(one));
  const [only] = wanted;
  if (wanted.length !== 1 || only === undefined || !only.endsWith('/.default')) {
    throw new SignInError(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  return only.slice(0, -'/.default'.length);
}

function isEqual(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function isThumbprint(certificate: X509Certificate, print: unknown): boolean {
  if (typeof print !== 'string') return false;
  const digests = [certificate.fingerprint, certificate.fingerprint256].map((hex) =>
    Buffer.from(hex.replaceAll(':', ''), 'hex').toString('base64url'),
  );
  return digests.includes(print) || digests.includes(Buffer.from(print, 'base64').toString('base64url'));
}
