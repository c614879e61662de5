import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { DefenderError } from './errors.ts';
import { settingError } from './settings.ts';

/**
 * The library finds out late and says it in words of its own; a wrong file is better named before anyone is asked.
 * @throws DefenderError `invalid-configuration`; never quotes the file
 */
export function usableCertificate(pem: string, path: string, password: string | undefined): void {
  const key = privateKey(pem, path, password);
  if (key.asymmetricKeyType !== 'rsa') {
    throw unusable(`the private key in ${path} is no RSA key; Entra ID takes certificates with an RSA key only`);
  }
  try {
    if (new X509Certificate(pem).checkPrivateKey(key)) return;
  } catch {
    // Node's own words may quote the file.
  }
  throw noPair(path);
}

function privateKey(pem: string, path: string, password: string | undefined): KeyObject {
  if (!pem.includes('-----BEGIN ')) {
    throw unusable(
      `the file ${path} holds no certificate with its own private key as PEM; turn a .pfx file into PEM: openssl pkcs12 -in FILE.pfx -out FILE.pem`,
    );
  }
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
  if (isEncrypted && password === undefined) {
    throw settingError({
      property: 'clientCertificatePassword',
      reason: `the private key in ${path} is encrypted; set it, or AZURE_CLIENT_CERTIFICATE_PASSWORD`,
    });
  }
  try {
    return createPrivateKey({
      key: pem,
      format: 'pem',
      ...(password === undefined ? {} : { passphrase: password }),
    });
  } catch {
    if (!isEncrypted) throw noPair(path);
    throw settingError({
      property: 'clientCertificatePassword',
      reason: `it does not open the private key in ${path}`,
    });
  }
}

function noPair(path: string): DefenderError {
  return unusable(`the file ${path} holds no certificate with its own private key, both as PEM`);
}

function unusable(reason: string): DefenderError {
  return settingError({ property: 'clientCertificatePath', reason });
}
