import { chooseCredential } from './credential-choice.ts';
import { openCredential } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { DefenderError } from './errors.ts';
import type { Ports } from './ports.ts';
import { type DefenderSettings, given } from './settings.ts';
import { type SignInContext, signInContext, signInFailed } from './sign-in-context.ts';
import { signInError } from './sign-in-error.ts';
import type { SignInTrace } from './sign-in-trace.ts';
import { createTokens, type Tokens } from './tokens.ts';

/**
 * The tokens of whoever these settings and this environment sign in. Nothing is loaded or called before the first.
 * @throws DefenderError `invalid-configuration`, with the property at fault
 */
export function createSignIn(settings: DefenderSettings, endpoint: Endpoint, ports: Ports): Tokens {
  const choice = chooseCredential(settings, ports.env);
  const context = signInContext(choice, endpoint);
  const wanted = given(settings.tenantId) ?? given(ports.env.AZURE_TENANT_ID);
  const trace: SignInTrace = {};
  return createTokens({
    open: (signal) => {
      for (const name of Object.keys(trace) as (keyof SignInTrace)[]) delete trace[name];
      return openCredential(choice, endpoint, context, { trace, signal, deadline: ports.deadline });
    },
    scope: endpoint.scope,
    clock: ports.clock,
    deadline: ports.deadline,
    accept: ({ identity }) => refuseOtherTenant(identity.tenantId, wanted, context),
    onRenewed: () => ports.onEvent?.({ kind: 'token-renewed' }),
    explain: (error) => signInError(error, trace, context),
  });
}

/**
 * A managed identity belongs to the tenant of its machine, whatever tenant is configured; its token would isolate the
 * hosts of that one. Only ids can be held against each other: a domain's tenant is not known here.
 */
function refuseOtherTenant(actual: string | undefined, wanted: string | undefined, context: SignInContext): void {
  if (actual === undefined || wanted === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(wanted))
    return;
  if (actual === wanted.toLowerCase()) return;
  throw new DefenderError(
    `${signInFailed(context)}: the token is for the tenant ${actual}, but tenantId is ${wanted}`,
    {
      kind: 'sign-in',
      next: 'Nothing was sent. Set tenantId (or AZURE_TENANT_ID) to the tenant that is meant, or sign in as somebody of that tenant.',
    },
  );
}
