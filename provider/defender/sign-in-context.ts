import { type CredentialChoice, credentialNames } from './credential-choice.ts';
import type { Endpoint } from './endpoint.ts';

/** What a failed sign-in is told with. */
export interface SignInContext {
  /** How we signed in, in words: `client secret`, `managed identity`, … */
  readonly method: string;
  readonly authorityHost: string;
  readonly tenantId: string | undefined;
  /** Who vouches for us before the login host does, or in its place; undefined where nobody is asked but that. */
  readonly issuer: Issuer | undefined;
  /** Where there was no credential to be had at all. */
  readonly howToSetUp: string;
}

export interface Issuer {
  readonly name: string;
  /** Whether it is one of several that were tried, so that its refusal says only that nobody is signed in. */
  readonly oneOfMany: boolean;
  /** What to do where it is not there, and where it refuses. */
  readonly whenAway: string;
  readonly whenRefused: string;
}

export function signInContext(choice: CredentialChoice, endpoint: Endpoint): SignInContext {
  return {
    method: credentialNames[choice.kind],
    authorityHost: endpoint.authorityHost,
    tenantId: 'tenantId' in choice ? choice.tenantId : undefined,
    issuer: issuerOf(choice),
    howToSetUp: howToSetUp(choice, endpoint),
  };
}

/** How every failure begins. */
export function signInFailed({ method, tenantId }: SignInContext): string {
  return `Sign-in (${method}${tenantId === undefined ? '' : `, tenant ${tenantId}`}) failed`;
}

function issuerOf(choice: CredentialChoice): Issuer | undefined {
  switch (choice.kind) {
    case 'azure-pipelines':
      return {
        name: "Azure Pipelines' token service",
        oneOfMany: false,
        whenAway: 'Check that the agent reaches it (SYSTEM_OIDCREQUESTURI), and the proxy settings.',
        whenRefused:
          'Give the step SYSTEM_ACCESSTOKEN: $(System.AccessToken), and let the pipeline use the service connection that AZURESUBSCRIPTION_SERVICE_CONNECTION_ID names.',
      };
    case 'managed-identity':
      return {
        name: 'the identity service of this machine',
        oneOfMany: false,
        whenAway:
          'Only a machine of Azure (VM, App Service, container, Arc) has one; elsewhere choose another way to sign in.',
        whenRefused:
          choice.clientId === undefined
            ? 'Turn on the system-assigned identity of this machine, or set clientId to a user-assigned one.'
            : `Assign the identity ${choice.clientId} (clientId, or AZURE_CLIENT_ID) to this machine, or leave clientId out for the system-assigned one.`,
      };
    case 'default-chain': {
      const next = chainSetUp;
      return { name: 'the default chain', oneOfMany: true, whenAway: next, whenRefused: next };
    }
    default:
      return undefined;
  }
}

const appSetUp = 'Set tenantId, clientId and one of clientSecret, clientCertificatePath or useOidc';
const chainSetUp = `${appSetUp}; on a machine of Azure useManagedIdentity; at a terminal sign in with "az login" and set useAzureCli.`;

function howToSetUp(choice: CredentialChoice, endpoint: Endpoint): string {
  switch (choice.kind) {
    case 'azure-cli': {
      const tenant = choice.tenantId === undefined ? '' : ` --tenant ${choice.tenantId}`;
      const isGovernment = endpoint.cloud === 'GCCHigh' || endpoint.cloud === 'DoD';
      const cloud = isGovernment ? ' after "az cloud set --name AzureUSGovernment"' : '';
      const resource = endpoint.scope.replace(/\/\.default$/, '');
      return `Sign in with "az login${tenant}"${cloud}; what stands in the way is told by "az account get-access-token --query tenant --resource ${resource}${tenant}".`;
    }
    case 'default-chain':
      return chainSetUp;
    case 'managed-identity':
      return 'Check the identity of this machine, or choose another way to sign in.';
    default:
      return `${appSetUp}.`;
  }
}
