import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import https from 'node:https';
import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import { isLoopback } from './endpoint.ts';
import type { Timer } from './ports.ts';
import { networkCode, noteAnswer, type SignInTrace } from './sign-in-trace.ts';
import { whenAborted } from './when-aborted.ts';

/** One sign-in under way. */
export interface SignIn {
  readonly trace: SignInTrace;
  /** Ends whatever it waits for. */
  readonly signal: AbortSignal;
  readonly deadline: Timer;
}

/** What a host gets for one answer, ms; the services of this very machine answer at once or not at all. */
const answerMs = 30_000;
const localAnswerMs = 10_000;

/**
 * The library keeps the first HTTP client that ever asked for a managed identity, for all that ask later; so which
 * sign-in a request belongs to is not known from the client.
 */
const underWay = new AsyncLocalStorage<SignIn>();

/** Runs `work`, all of whose requests count as those of this sign-in. */
export function inSignIn<T>(signIn: SignIn, work: () => Promise<T>): Promise<T> {
  return underWay.run(signIn, work);
}

/**
 * Sends for @azure/identity: keeps the trace of the sign-in up to date, bounds the time of each answer, ends with the
 * sign-in, and keeps what must not leave this machine off any proxy.
 */
export function signInHttpClient(inner: HttpClient): HttpClient {
  const direct = { 'http:': new http.Agent({ keepAlive: false }), 'https:': new https.Agent({ keepAlive: false }) };
  return {
    async sendRequest(request) {
      const signIn = underWay.getStore();
      const url = new URL(request.url);
      const isLocal = isLoopback(url.hostname) || isLinkLocal(url.hostname);
      if (isLocal) request.agent = direct[url.protocol === 'http:' ? 'http:' : 'https:'];
      if (signIn === undefined) return await inner.sendRequest(request);

      const { trace, signal, deadline } = signIn;
      trace.host = url.host;
      delete trace.networkCode;
      delete trace.status;
      const ending = new AbortController();
      const end = () => ending.abort();
      const { abortSignal } = request;
      let timedOut = false;
      const onTime = () => {
        timedOut = true;
        end();
      };
      // The library sets a time of its own where it only wants to know whether somebody is there.
      const cancel = request.timeout > 0 ? () => {} : deadline.after(isLocal ? localAnswerMs : answerMs, onTime);
      const unlisten = signal.aborted ? end() : whenAborted(signal, end);
      if (abortSignal?.aborted) end();
      else abortSignal?.addEventListener('abort', end);
      request.abortSignal = ending.signal;
      let response: PipelineResponse;
      try {
        response = await inner.sendRequest(request);
      } catch (error) {
        trace.networkCode = timedOut ? 'ETIMEDOUT' : networkCode(error);
        throw error;
      } finally {
        cancel();
        unlisten?.();
        abortSignal?.removeEventListener('abort', end);
        if (abortSignal === undefined) delete request.abortSignal;
        else request.abortSignal = abortSignal;
      }
      trace.status = response.status;
      if (response.status >= 400) noteAnswer(trace, response.bodyAsText ?? '');
      return response;
    },
  };
}

/** Where a machine of Azure finds its own identity service; no proxy can reach it. */
function isLinkLocal(hostname: string): boolean {
  return /^169\.254\.\d{1,3}\.\d{1,3}$/.test(hostname) || /^\[fe80:/i.test(hostname);
}
