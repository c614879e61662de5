import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

export interface DecodedJwt {
  readonly header: Claims;
  readonly claims: Claims;
  /** What is signed, and the signature. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** A key pair that signs JSON Web Tokens with ES256. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function createSigningKey(keyId: string): SigningKey {
  const pem = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { keyId, privateKey: createPrivateKey(pem.privateKey), publicKey: createPublicKey(pem.publicKey) };
}

export function signJwt(claims: Claims, { keyId, privateKey }: SigningKey): string {
  const signed = `${encode({ typ: 'JWT', alg: 'ES256', kid: keyId, x5t: keyId })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Takes a token apart without believing it; undefined where it is none. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const [header, claims, signature, ...rest] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || rest.length > 0) return undefined;
  try {
    const decoded = { header: decode(header), claims: decode(claims) };
    return { ...decoded, signed: `${header}.${claims}`, signature: Buffer.from(signature, 'base64url') };
  } catch {
    return undefined;
  }
}

/** Whether `publicKey` made the signature, by the algorithm that the header names. */
export function isSignedBy({ header, signed, signature }: DecodedJwt, publicKey: KeyObject): boolean {
  const content = Buffer.from(signed);
  switch (header.alg) {
    case 'ES256':
      if (publicKey.asymmetricKeyType !== 'ec') return false;
      return verify('sha256', content, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
    case 'RS256':
      if (publicKey.asymmetricKeyType !== 'rsa') return false;
      return verify('sha256', content, publicKey, signature);
    case 'PS256':
      if (publicKey.asymmetricKeyType !== 'rsa') return false;
      return verify(
        'sha256',
        content,
        { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        signature,
      );
    default:
      return false;
  }
}

function encode(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): Claims {
  const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return value as Claims;
}
