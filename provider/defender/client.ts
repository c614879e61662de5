import type { CallOptions, Defender, Listing } from './api.ts';
import { endpointOf } from './endpoint.ts';
import { DefenderError } from './errors.ts';
import { callName, createExchange, type Exchange } from './exchange.ts';
import { createHttp, type Http } from './http.ts';
import type { Indicator } from './indicator.ts';
import { hashSpellings, indicatorBody, parseIndicator } from './indicators.ts';
import type { JsonObject } from './json-body.ts';
import { joined, type ListQuestion, largestPage, readExcerpt, readList } from './listing.ts';
import type { Machine, MachineId } from './machine.ts';
import type { ActionId, MachineAction } from './machine-action.ts';
import {
  actionFilter,
  answers,
  fitsActionSearch,
  newestFirst,
  packageUriOf,
  parseMachineAction,
  searchFilter,
} from './machine-actions.ts';
import {
  byNameThenId,
  fitsSearch,
  isServicesOwn,
  machineFilter,
  nameKey,
  nameSpellings,
  parseMachine,
} from './machines.ts';
import { chunked, isOneOf } from './odata.ts';
import { type Ports, systemPorts } from './ports.ts';
import { bodyOf, pathOf, routeOf } from './response-actions.ts';
import { lookBeforeRepeating } from './response-error.ts';
import type { Patience } from './retry.ts';
import { type Route, routes } from './routes.ts';
import { createServiceClock } from './service-clock.ts';
import { type DefenderSettings, settingError } from './settings.ts';
import { createSignIn } from './sign-in.ts';
import { createThrottle, rateLimitProblems, rateWindows, type Throttle } from './throttle.ts';
import type { Tokens } from './tokens.ts';

const mebibyte = 1024 * 1024;
const listBytes = 96 * mebibyte;
const singleBytes = 4 * mebibyte;

/** What tests and embedders may set beside the settings; all of it has good defaults. */
export interface DefenderTuning {
  readonly connectMs?: number | undefined;
  readonly overallMs?: number | undefined;
  readonly patience?: Patience | undefined;
  /** One that an earlier client of the same app and tenant used, so that its calls still count. */
  readonly throttle?: Throttle | undefined;
  /** What sends requests, in the place of sockets. */
  readonly http?: Http | undefined;
  /** What signs in, in the place of @azure/identity. */
  readonly tokens?: Tokens | undefined;
}

/** A throttle to be shared by clients; `createDefender` makes one of its own where none is given. */
export function throttleOf(settings: DefenderSettings, ports: Ports = systemPorts()): Throttle {
  return createThrottle({
    windows: rateWindows(settings.rateLimits),
    clock: ports.clock,
    timer: ports.timer,
    onWait: (route, waitMs) => ports.onEvent?.({ kind: 'throttled', route, waitMs }),
  });
}

/**
 * The client for one tenant. Nothing is called and nothing heavy loaded before the first use.
 * @throws DefenderError `invalid-configuration`, with the property at fault
 */
export function createDefender(
  settings: DefenderSettings,
  ports: Ports = systemPorts(),
  tuning: DefenderTuning = {},
): Defender {
  const endpoint = endpointOf(settings, ports.env);
  const [limitProblem] = rateLimitProblems(settings.rateLimits);
  if (limitProblem !== undefined) throw settingError(limitProblem);

  const serviceClock = createServiceClock(ports.clock);
  const exchange = createExchange({
    endpoint,
    ports,
    serviceClock,
    patience: tuning.patience,
    tokens: tuning.tokens ?? createSignIn(settings, endpoint, ports),
    throttle: tuning.throttle ?? throttleOf(settings, ports),
    http:
      tuning.http ??
      createHttp({
        loopback: endpoint.loopback,
        userAgent: `pulumi-mde/${settings.version ?? 'dev'} node/${process.versions.node} (${process.platform})`,
        deadline: ports.deadline,
        connectMs: tuning.connectMs,
        overallMs: tuning.overallMs,
      }),
  });

  const now = () => serviceClock.now() ?? ports.clock.wall();
  const at = (path: string) => `${endpoint.apiUrl}/api/${path}`;
  interface Question {
    readonly filter?: string | undefined;
    readonly orderBy?: string;
    readonly top?: number;
    readonly atMost?: number;
    readonly emptyOn404: boolean;
  }
  const questionOf = <T extends { readonly id: string }>(
    route: Route,
    path: string,
    parse: (item: unknown) => T | undefined,
    { emptyOn404, ...question }: Question,
    options: CallOptions | undefined,
  ): ListQuestion<T> => ({
    ...question,
    route: route.key,
    url: at(path),
    parse,
    idOf: (item) => item.id,
    now,
    fetch: async (url) => {
      try {
        const { body, asOf } = await exchange.read(route, url, listBytes, options);
        return { body, asOf: asOf ?? now() };
      } catch (error) {
        if (emptyOn404 && error instanceof DefenderError && error.kind === 'not-found') return undefined;
        throw error;
      }
    },
  });
  const list = <T extends { readonly id: string }>(
    route: Route,
    path: string,
    parse: (item: unknown) => T | undefined,
    question: Question,
    options: CallOptions | undefined,
  ): Promise<Listing<T> | undefined> => readList(questionOf(route, path, parse, question, options));
  const whole = <T>(listing: Listing<T> | undefined): Listing<T> => {
    if (listing === undefined) throw new Error('a list without a limit was cut off');
    return listing;
  };
  const listMachinesWhere = async (filter: string, options: CallOptions | undefined) =>
    whole(await list(routes.listMachines, 'machines', parseMachine, { filter, emptyOn404: true }, options));
  const listMachinesNamed = async (names: readonly string[], options: CallOptions | undefined) => {
    const spellings = [...new Set(names.flatMap(nameSpellings))];
    const found = await eachChunk(spellings, now, (chunk) =>
      listMachinesWhere(isOneOf('computerDnsName', chunk), options),
    );
    const wanted = new Set(names.map(nameKey));
    // Spellings of one name may stand in two parts, and a service that ignores case answers both with the same machine.
    const items = new Map<string, Machine>();
    for (const machine of found.items) {
      if (machine.computerDnsName !== undefined && wanted.has(nameKey(machine.computerDnsName)))
        items.set(machine.id, machine);
    }
    return { ...found, items: [...items.values()] };
  };
  const listActionsWhere = async (filter: string | undefined, options: CallOptions | undefined) =>
    whole(
      await list(
        routes.listMachineActions,
        'machineactions',
        parseMachineAction,
        { filter, orderBy: 'creationDateTimeUtc', emptyOn404: false },
        options,
      ),
    );

  return {
    async identity(options) {
      return (await exchange.token(options?.signal)).claims.identity;
    },

    async getMachine(id, options) {
      const route = routes.getMachine;
      let body: JsonObject;
      try {
        ({ body } = await exchange.read(route, at(`machines/${id}`), singleBytes, options));
      } catch (error) {
        if (error instanceof DefenderError && error.kind === 'not-found') return undefined;
        throw error;
      }
      const machine = parseMachine(body);
      if (machine?.id !== id) {
        throw new DefenderError(`${callName(route, id)}: the answer is not about this machine`, {
          kind: 'untrusted',
          route: route.key,
          next: 'Check that apiUrl names the Defender API itself.',
        });
      }
      return machine;
    },

    async listMachinesById(ids, options) {
      const wanted = new Set<string>(ids);
      const found = await eachChunk([...wanted], now, (chunk) => listMachinesWhere(isOneOf('id', chunk), options));
      return { ...found, items: found.items.filter((machine) => wanted.has(machine.id)) };
    },

    listMachinesByName: (name, options) => listMachinesNamed([name], options),
    listMachinesByNames: (names, options) => listMachinesNamed(names, options),

    async listMachines(atMost, options) {
      const top = Math.min(largestPage, Math.max(1, atMost));
      return await list(routes.listMachines, 'machines', parseMachine, { top, atMost, emptyOn404: true }, options);
    },

    async searchMachines(search, limit, options) {
      const top = isServicesOwn(search) ? Math.min(largestPage, limit + 1) : largestPage;
      const question = { filter: machineFilter(search), top, emptyOn404: true };
      const found = await readExcerpt(
        questionOf(routes.listMachines, 'machines', parseMachine, question, options),
        limit,
        (machine) => fitsSearch(machine, search),
      );
      return { ...found, items: [...found.items].sort(byNameThenId).slice(0, limit) };
    },

    async listMachineActions(query, options) {
      const read = async (machineIds: readonly string[] | undefined): Promise<Listing<MachineAction>> =>
        await listActionsWhere(actionFilter(query, machineIds as readonly MachineId[] | undefined), options);
      const wanted = query.machineIds === undefined ? undefined : new Set<string>(query.machineIds);
      const found = wanted === undefined ? await read(undefined) : await eachChunk([...wanted], now, read);
      return {
        ...found,
        items: found.items.filter(
          (action) => answers(action, query) && (wanted === undefined || wanted.has(action.machineId)),
        ),
      };
    },

    async listMachineActionsById(ids, options) {
      const wanted = new Set<string>(ids);
      const found = await eachChunk([...wanted], now, (chunk) => listActionsWhere(isOneOf('id', chunk), options));
      return { ...found, items: found.items.filter((action) => wanted.has(action.id)) };
    },

    async searchMachineActions(search, limit, options) {
      const top = Math.min(largestPage, limit + 1);
      const orderBy = 'creationDateTimeUtc desc';
      const question = { filter: searchFilter(search), orderBy, top, emptyOn404: false };
      const found = await readExcerpt(
        questionOf(routes.listMachineActions, 'machineactions', parseMachineAction, question, options),
        limit,
        (action) => fitsActionSearch(action, search),
      );
      return { ...found, items: [...found.items].sort(newestFirst).slice(0, limit) };
    },

    request: (id, request, comment, options) =>
      act(
        exchange,
        routeOf(request.type),
        at(`machines/${id}/${pathOf(request.type)}`),
        id,
        bodyOf(request, comment),
        options,
        (action) => action.machineId === id && action.type === request.type,
      ),

    async getPackageUri(id, options) {
      const route = routes.getPackageUri;
      let body: JsonObject;
      try {
        ({ body } = await exchange.read(route, at(`machineactions/${id}/getPackageUri`), singleBytes, options));
      } catch (error) {
        if (error instanceof DefenderError && error.kind === 'not-found') return undefined;
        throw error;
      }
      const uri = packageUriOf(body);
      if (uri !== undefined) return uri;
      // Never the answer itself: what is in it may be the secret all the same.
      throw new DefenderError(`${callName(route, id)}: the answer holds no https link`, {
        kind: 'untrusted',
        route: route.key,
        next: 'Fetch the package in the Defender portal.',
      });
    },

    cancelMachineAction: (id, body, options) =>
      act(
        exchange,
        routes.cancelMachineAction,
        at(`machineactions/${id}/cancel`),
        id,
        { Comment: body.comment },
        options,
        (action) => action.id === id,
      ),

    async listIndicators(values, options) {
      const read = async (chunk: readonly string[] | undefined): Promise<Listing<Indicator>> =>
        whole(
          await list(
            routes.listIndicators,
            'indicators',
            parseIndicator,
            { filter: chunk === undefined ? undefined : isOneOf('indicatorValue', chunk), emptyOn404: false },
            options,
          ),
        );
      if (values === undefined) return await read(undefined);
      const wanted = new Set(values.map((value) => value.toLowerCase()));
      const found = await eachChunk([...new Set(values.flatMap(hashSpellings))], now, read);
      // Spellings of one value may stand in two parts, and a service that ignores case answers both with the same one.
      const items = new Map<string, Indicator>();
      for (const indicator of found.items)
        if (wanted.has(indicator.indicatorValue.toLowerCase())) items.set(indicator.id, indicator);
      return { ...found, items: [...items.values()] };
    },

    async putIndicator(request, options) {
      const route = routes.putIndicator;
      const send = (body: JsonObject) => exchange.write(route, at('indicators'), body, singleBytes, options);
      const answer = await send(indicatorBody(request)).catch(async (error: unknown) => {
        const { rbacGroupNames = [] } = request;
        const mayBeTheGroups = error instanceof DefenderError && error.status === 400 && rbacGroupNames.length > 0;
        if (!mayBeTheGroups) throw error;
        return send({ ...indicatorBody(request), rbacGroupNames: rbacGroupNames.join(',') }).catch((again: unknown) => {
          throw again instanceof DefenderError && again.status === 400 ? error : again;
        });
      });
      const indicator = parseIndicator(answer.body);
      const { indicatorValue, indicatorType } = request;
      if (indicator?.indicatorValue === indicatorValue && indicator.indicatorType === indicatorType) return indicator;
      throw new DefenderError(`${route.key}: HTTP ${answer.status} with an answer that cannot be the indicator's`, {
        kind: 'lost',
        status: answer.status,
        route: route.key,
        next: lookBeforeRepeating(route),
      });
    },

    deleteIndicator: (id, options) => exchange.remove(routes.deleteIndicator, at(`indicators/${id}`), options),

    serviceNow: () => serviceClock.now(),
    close: () => exchange.close(),
  };
}

async function eachChunk<T>(
  values: readonly string[],
  now: () => number,
  read: (chunk: readonly string[]) => Promise<Listing<T>>,
): Promise<Listing<T>> {
  const listings: Listing<T>[] = [];
  for (const chunk of chunked(values)) listings.push(await read(chunk));
  return joined(listings, now());
}

/** Sends a write and takes its answer only if it is about what was asked: else nobody knows what was done. */
async function act(
  exchange: Exchange,
  route: Route,
  url: string,
  id: MachineId | ActionId,
  body: JsonObject,
  options: CallOptions | undefined,
  isAnswer: (action: MachineAction) => boolean,
): Promise<MachineAction> {
  const answer = await exchange.write(route, url, body, singleBytes, options);
  const action = parseMachineAction(answer.body);
  if (action !== undefined && isAnswer(action)) return action;
  throw new DefenderError(`${callName(route, id)}: HTTP ${answer.status} with an answer that cannot be the action's`, {
    kind: 'lost',
    status: answer.status,
    route: route.key,
    next: 'Look at the actions of the device before sending it again.',
  });
}
