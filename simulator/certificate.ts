import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { certificateNames } from './clouds.ts';

export interface Certificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A self-signed certificate for loopback (and the service's own host names, for a test that maps them there). */
export async function createCertificate(): Promise<Certificate> {
  const dayMs = 86_400_000;
  const { cert, private: privateKeyPem } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + 365 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...certificateNames.map((value) => ({ type: 2 as const, value })), { type: 7, ip: '127.0.0.1' }],
      },
    ],
  });
  return { certificatePem: cert, privateKeyPem };
}

export interface CertificateFile {
  readonly path: string;
  /** Removes the file and its folder. */
  remove(): void;
}

/** Writes a certificate where NODE_EXTRA_CA_CERTS can find it; it goes with the process at the latest. */
export function writeCertificate(certificatePem: string): CertificateFile {
  const folder = mkdtempSync(join(tmpdir(), 'mde-simulator-'));
  const path = join(folder, 'ca.pem');
  writeFileSync(path, certificatePem);
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  return {
    path,
    remove: () => {
      process.removeListener('exit', removeFolder);
      removeFolder();
    },
  };
}
