/** Variables by which a run is signed in, whoever reads them: we or @azure/identity. */
const names = [
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_PASSWORD',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'SYSTEM_ACCESSTOKEN',
  'IDENTITY_HEADER',
  'MSI_SECRET',
];

/** Their URLs may hold a user and a password. */
const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/** The secrets in the environment of a run, in every spelling in which one may be met. */
export function environmentSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const secrets = names.map((name) => env[name]);
  for (const name of proxies.flatMap((each) => [each, each.toLowerCase()])) secrets.push(...proxySecrets(env[name]));
  return secrets.flatMap((secret) => (secret === undefined || secret.trim() === '' ? [] : [secret.trim()]));
}

/**
 * Node writes a report where it runs out of memory, or on a signal, if NODE_OPTIONS asks for that: with the environment,
 * which holds secrets. (Node 22.13 and newer know this setting.)
 */
export function withoutEnvironmentInReports(): void {
  if (process.report !== undefined) process.report.excludeEnv = true;
}

function proxySecrets(text: string | undefined): readonly (string | undefined)[] {
  const [, given] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)@/i.exec(text?.trim() ?? '') ?? [];
  if (given === undefined) return [];
  const pair = decoded(given);
  const [user = '', password] = [before(given), after(given)];
  // What is alone is a token, in the place of a user.
  const secret = password ?? user;
  // As the header has it that goes to the proxy.
  return [given, pair, secret, decoded(secret), Buffer.from(pair).toString('base64')];
}

function before(pair: string): string {
  return pair.split(':', 1)[0] ?? '';
}

function after(pair: string): string | undefined {
  const at = pair.indexOf(':');
  return at < 0 ? undefined : pair.slice(at + 1);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
