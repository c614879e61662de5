import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { AzureCliCredential, TokenCredential } from '@azure/identity';
import { DefenderError } from './errors.ts';
import { type SignInContext, signInFailed } from './sign-in-context.ts';
import type { SignIn } from './sign-in-http.ts';

/** What `az` gets for its answer, ms: it is slow to start, and may have to renew its own sign-in. */
const answerMs = 30_000;

/** The library's credential, whose wait for `az` has an end, and which says at once where there is no `az`. */
export function openAzureCli(
  Credential: typeof AzureCliCredential,
  tenantId: string | undefined,
  context: SignInContext,
  signIn: SignIn,
): TokenCredential {
  const credential = new Credential({
    processTimeoutInMs: answerMs,
    ...(tenantId === undefined ? {} : { tenantId }),
  });
  return {
    async getToken(scopes, options) {
      if (!(await isOnPath('az'))) {
        throw new DefenderError(`${signInFailed(context)}: there is no az on the PATH`, {
          kind: 'sign-in',
          next: 'Install the Azure CLI (https://aka.ms/azure-cli) and sign in with "az login", or choose another way to sign in.',
        });
      }
      // To kill the process is not enough: what it started itself may live on, and hold its output open.
      return await withDeadline(credential.getToken(scopes, options), context, signIn);
    },
  };
}

async function withDeadline<T>(answer: Promise<T>, context: SignInContext, signIn: SignIn): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = signIn.deadline.after(answerMs, () => {
      reject(
        new DefenderError(`${signInFailed(context)}: az did not answer within ${answerMs / 1000} s`, {
          kind: 'sign-in',
          next: context.howToSetUp,
        }),
      );
    });
  });
  answer.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

/** Whether a command can be run by this name, as the library looks for it. */
async function isOnPath(command: string): Promise<boolean> {
  const names = process.platform === 'win32' ? ['.exe', '.com', '.cmd', '.bat'].map((end) => command + end) : [command];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const found = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return true;
    }
  }
  return false;
}
