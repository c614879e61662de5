import type { Command } from 'commander';
import type { PropertyMap } from '../provider/resources/resource.ts';
import { readSettings, type Settings } from '../provider/resources/settings.ts';
import { CliError, type CliPorts } from './ports.ts';

interface Flag {
  readonly flags: string;
  readonly description: string;
}

/** Names of the provider's configuration, and the flag for each. A secret is never one: it would stand in the process list. */
const flags = {
  tenantId: { flags: '--tenant-id <id>', description: 'tenant (AZURE_TENANT_ID)' },
  clientId: { flags: '--client-id <id>', description: 'app registration (AZURE_CLIENT_ID)' },
  clientCertificatePath: {
    flags: '--client-certificate-path <file>',
    description: 'sign in with this certificate and key, PEM (AZURE_CLIENT_CERTIFICATE_PATH)',
  },
  useOidc: { flags: '--use-oidc', description: 'sign in with a federated token of the pipeline' },
  useManagedIdentity: {
    flags: '--use-managed-identity',
    description: 'sign in as the managed identity of this machine',
  },
  useAzureCli: { flags: '--use-azure-cli', description: 'sign in as whoever is signed in to the Azure CLI' },
  cloud: { flags: '--cloud <name>', description: 'Commercial (default), GCC, GCCHigh or DoD' },
  region: { flags: '--region <name>', description: 'API host of a region: us, eu, uk, au, swa, ina' },
  apiUrl: { flags: '--api-url <url>', description: 'API host to call instead (MDE_API_URL)' },
  authorityHost: { flags: '--authority-host <url>', description: 'login host to ask instead (AZURE_AUTHORITY_HOST)' },
} satisfies Record<string, Flag>;

export type SignInOptions = { readonly [name in keyof typeof flags]?: string | boolean | undefined };

export function withSignInOptions(command: Command): Command {
  command.optionsGroup('Sign-in (else the AZURE_* variables, the Azure CLI and so on are tried):');
  for (const { flags: names, description } of Object.values(flags)) command.option(names, description);
  return command;
}

/** Settings of the client, from flags and environment. @throws CliError that names the flag */
export function settingsOf(options: SignInOptions, env: CliPorts['env']): Settings {
  const given: Record<string, string | boolean> = {};
  for (const name of Object.keys(flags) as (keyof typeof flags)[]) {
    const value = options[name];
    if (value !== undefined) given[name] = value;
  }
  const fromEnvironment = env.MDE_API_URL;
  if (given.apiUrl === undefined && fromEnvironment) given.apiUrl = fromEnvironment;
  const { settings, failures } = readSettings(given satisfies PropertyMap, env);
  const [failure] = failures;
  if (failure === undefined) return settings;
  const isVariable = failure.property === 'apiUrl' && options.apiUrl === undefined;
  throw new CliError(`${isVariable ? 'MDE_API_URL' : flagOf(failure.property)}: ${failure.reason}.`);
}

function flagOf(property: string): string {
  const flag = Object.hasOwn(flags, property) ? flags[property as keyof typeof flags] : undefined;
  return flag?.flags.split(' ', 1)[0] ?? property;
}
