import axios from 'axios';
import { isLoopback } from './endpoint.ts';
import { DefenderError } from './errors.ts';
import { asText, parseObject } from './json-body.ts';
import type { SignIn } from './sign-in-http.ts';
import { networkCode } from './sign-in-trace.ts';
import { whenAborted } from './when-aborted.ts';

/** What Entra expects in a federated token. */
const audience = 'api://AzureADTokenExchange';

/** ms */
const answerMs = 30_000;

/**
 * The federated token that GitHub issues to the running job (GitHub Docs, "OpenID Connect reference": methods for
 * requesting the OIDC token). @throws DefenderError `sign-in`
 */
export async function githubAssertion(requestUrl: string, requestToken: string, signIn: SignIn): Promise<string> {
  const url = URL.canParse(requestUrl) ? new URL(requestUrl) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && !isLoopback(url.hostname))) {
    throw failure('ACTIONS_ID_TOKEN_REQUEST_URL is no https URL');
  }
  url.searchParams.set('audience', audience);
  let status: number;
  let text: string;
  let timedOut = false;
  const ending = new AbortController();
  const cancel = signIn.deadline.after(answerMs, () => {
    timedOut = true;
    ending.abort();
  });
  if (signIn.signal.aborted) ending.abort();
  const unlisten = signIn.signal.aborted ? undefined : whenAborted(signIn.signal, () => ending.abort());
  try {
    const response = await axios.get<string>(url.href, {
      headers: { Authorization: `Bearer ${requestToken}`, Accept: 'application/json' },
      maxRedirects: 0,
      maxContentLength: 256 * 1024,
      responseType: 'text',
      transformResponse: [(body: unknown) => body],
      signal: ending.signal,
      validateStatus: () => true,
      ...(isLoopback(url.hostname) ? { proxy: false } : {}),
    });
    status = response.status;
    text = typeof response.data === 'string' ? response.data : '';
  } catch (error) {
    throw failure(`GitHub's token service could not be reached (${timedOut ? 'ETIMEDOUT' : networkCode(error)})`);
  } finally {
    cancel();
    unlisten?.();
  }
  const token = asText(parseObject(text)?.value);
  if (status !== 200 || token === undefined || token === '') {
    throw failure(`GitHub's token service answered HTTP ${status} without a token`);
  }
  return token;
}

function failure(what: string): DefenderError {
  return new DefenderError(`Sign-in (GitHub Actions token) failed: ${what}`, {
    kind: 'sign-in',
    next: 'Give the job the permission "id-token: write".',
  });
}
