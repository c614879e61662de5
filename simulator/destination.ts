import { apiHost, isLoginHost } from './clouds.ts';
import { matchRoute } from './routes.ts';
import { signInRoute } from './sign-in.ts';

/** Where a request wants to go. */
export interface Destination {
  readonly kind: 'api' | 'login';
  /** The name in faults and statistics; undefined where there is no such route. */
  readonly route: string | undefined;
  readonly base: string;
  readonly segments: readonly string[];
  readonly url: URL;
  readonly host: string;
  readonly method: string;
}

/**
 * Undefined where the path can be nobody's.
 *
 * @param target path and query
 */
export function destinationOf(method: string, host: string, target: string): Destination | undefined {
  try {
    const url = new URL(target, 'https://localhost');
    const all = url.pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    const name = host.replace(/:\d+$/, '').toLowerCase();
    const isApi = all[0]?.toLowerCase() === 'api' && !isLoginHost(name);
    if (!isApi && (isLoginHost(name) || !isServiceHost(name))) {
      return { kind: 'login', route: signInRoute(all), base: '', segments: all, url, host, method };
    }
    const version = all[1]?.toLowerCase() === 'v1.0' ? 2 : 1;
    const segments = isApi ? all.slice(version) : all;
    const base = `/${(isApi ? all.slice(0, version) : []).join('/')}`;
    const route = isApi ? matchRoute(method, segments)?.route.name : undefined;
    return { kind: 'api', route, base, segments, url, host, method };
  } catch {
    return undefined;
  }
}

/** Whether a name is the API's alone; on loopback the path tells sign-in and API apart. */
function isServiceHost(name: string): boolean {
  return name !== 'localhost' && name !== '127.0.0.1' && apiHost(name) !== undefined;
}
