import { expect } from 'chai';
import fc from 'fast-check';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { type DefenderError, isDefenderError } from '../../provider/defender/errors.ts';
import type { IndicatorId } from '../../provider/defender/indicator.ts';
import { parseObject } from '../../provider/defender/json-body.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { ActionId } from '../../provider/defender/machine-action.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import { actionBody, actionId, jwt, machineBody, machineId } from '../defender/entities.ts';
import { createHurriedTime } from '../defender/fake-time.ts';
import {
  clientId,
  clientSecret,
  issueTokens,
  loginHost,
  startStandIn,
  tenantId,
  trustLoopback,
} from '../defender/stand-in.ts';
import { sends, type WireAnswer, wireAnswer } from './answers.ts';
import { anEntity, anyBody, anyToken, aPage, origin } from './api.ts';
import { type Opened, propertyOf, type Target } from './target.ts';
import { acting, anyText, anyValue, mutated } from './texts.ts';

const id = machineId as MachineId;
const action = actionId as ActionId;
const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';

/** What is asked of the service; `repeats` are statuses after which a write may be sent again. */
const calls: Readonly<
  Record<string, { readonly repeats?: readonly number[]; call(defender: Defender): Promise<unknown> }>
> = {
  machine: { call: (defender) => defender.getMachine(id) },
  machinesById: { call: (defender) => defender.listMachinesById([id]) },
  machinesByName: { call: (defender) => defender.listMachinesByName('laptop-7.contoso.com') },
  machines: { call: (defender) => defender.listMachines(10) },
  search: { call: (defender) => defender.searchMachines({ tag: 'x' }, 2) },
  actions: { call: (defender) => defender.listMachineActions({ types: ['Isolate', 'Unisolate'], machineIds: [id] }) },
  actionsById: { call: (defender) => defender.listMachineActionsById([action]) },
  searchActions: { call: (defender) => defender.searchMachineActions({ machineId: id }, 2) },
  package: { call: (defender) => defender.getPackageUri(action) },
  indicators: { call: (defender) => defender.listIndicators([sha1]) },
  isolate: {
    repeats: [401, 429],
    call: (defender) => defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'INC-1'),
  },
  unisolate: { repeats: [401, 429], call: (defender) => defender.request(id, { type: 'Unisolate' }, 'INC-1') },
  cancel: { repeats: [401, 429], call: (defender) => defender.cancelMachineAction(action, { comment: 'INC-1' }) },
  putIndicator: {
    // Its device groups are written in two ways.
    repeats: [400, 401, 429],
    call: (defender) =>
      defender.putIndicator({
        indicatorValue: sha1,
        indicatorType: 'FileSha1',
        action: 'Block',
        title: 't',
        description: 'd',
        severity: 'High',
        generateAlert: false,
        rbacGroupNames: ['a'],
      }),
  },
  deleteIndicator: { repeats: [401, 429], call: (defender) => defender.deleteIndicator('995' as IndicatorId) },
};

const aBody = (elsewhere: string, home: string) =>
  fc
    .oneof(
      { weight: 3, arbitrary: aPage.map((page) => JSON.stringify(page) ?? '') },
      { weight: 2, arbitrary: anEntity.map((entity) => JSON.stringify(entity) ?? '') },
      mutated(
        fc.constantFrom(JSON.stringify(actionBody()), JSON.stringify({ value: [machineBody()], '@odata.count': 1 })),
      ),
      anyBody,
    )
    .map((text) =>
      text
        .toWellFormed()
        .replaceAll(origin, home)
        .replaceAll('evil.example', elsewhere.replace(/^\w+:\/\//, '')),
    );

/** Everything that the client may answer, where the service, or whatever stands before it, says anything at all. */
const answers: Target = {
  name: 'client-answers',
  short: 300,
  cost: 20,
  async open(): Promise<Opened> {
    const distrust = await trustLoopback();
    const login = await startStandIn(issueTokens({ roles }), { secure: true });
    const api = await startStandIn((_request, response) => response.end());
    const elsewhere = await startStandIn((_request, response) => response.end('{"value":[]}'));
    const time = createHurriedTime();
    const settings = {
      tenantId,
      clientId,
      clientSecret,
      authorityHost: login.url,
      apiUrl: api.url,
      rateLimits: { perMinute: 100_000, perHour: 1_000_000 },
    };
    const ports = { ...systemPorts(), env: {}, random: () => 0, clock: time.clock, timer: time.timer };
    // Repeats are few, so that inputs are many.
    const patience = { faults: 2, refusals: 2, faultMs: 180_000, refusalMs: 3_900_000 };
    const defender = createDefender(settings, ports, { overallMs: 10_000, connectMs: 10_000, patience });
    const several = fc.array(wireAnswer(aBody(elsewhere.url, api.url), `${elsewhere.url}/x`), {
      minLength: 1,
      maxLength: 4,
    });
    const property = propertyOf(fc.tuple(fc.constantFrom(...Object.keys(calls)), several), async ([name, given]) => {
      const asked = calls[name];
      if (asked === undefined) throw new Error(`there is no ${name}`);
      api.received.length = 0;
      let at = 0;
      const sent: WireAnswer[] = [];
      api.respond = (request, response, socket) => {
        const answer = given[at++ % given.length] as WireAnswer;
        sent.push(answer);
        sends(answer)(request, response, socket);
      };
      const { value, error } = await asked.call(defender).then(
        (answered: unknown) => ({ value: answered, error: undefined }),
        (thrown: unknown) => ({ value: undefined, error: thrown }),
      );
      expect(elsewhere.received.length, 'requests to another host').to.equal(0);
      if (error !== undefined) judgeError(error);
      if (asked.repeats !== undefined) {
        for (const { status, ending } of sent.slice(0, -1)) {
          expect(ending, 'a write that was repeated after an answer that was lost').not.to.be.oneOf([
            'hang-up',
            'nonsense',
          ]);
          expect(asked.repeats, 'a write that was repeated').to.include(status);
        }
        for (const { body } of api.received)
          if (body !== '') expect(parseObject(body), 'what was sent').not.to.equal(undefined);
      }
      if (name === 'machine' && error === undefined) {
        if (value === undefined) {
          const last = sent.at(-1);
          expect(last?.status, 'a machine that is said not to be there').to.equal(404);
        } else expect((value as { id: string }).id).to.equal(id);
      }
      if ((name === 'isolate' || name === 'unisolate') && error === undefined)
        expect((value as { machineId: string }).machineId).to.equal(id);
      if (name === 'cancel' && error === undefined) expect((value as { id: string }).id).to.equal(action);
    });
    return {
      property,
      async close() {
        defender.close();
        await Promise.all([login.close(), api.close(), elsewhere.close()]);
        distrust();
      },
    };
  },
};

const roles = ['Machine.Read.All', 'Machine.Isolate', 'Ti.ReadWrite.All'];

/** What a login host, or whatever stands before it, may say to somebody who signs in. */
const signIn: Target = {
  name: 'sign-in-answers',
  // The library waits seconds before it asks again.
  short: 8,
  cost: 200,
  async open(): Promise<Opened> {
    const distrust = await trustLoopback();
    const login = await startStandIn(issueTokens({ roles }), { secure: true });
    const api = await startStandIn((_request, response) => response.end('{}'));
    const elsewhere = await startStandIn((_request, response) => response.end('{}'));
    const tokenText = fc.oneof(anyToken, fc.constant(jwt({ aud: origin, tid: tenantId, roles })));
    const aTokenBody = fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .record(
            {
              access_token: fc.oneof({ weight: 3, arbitrary: tokenText }, anyValue),
              expires_in: fc.oneof(fc.constantFrom<unknown>(3599, '3599', 0, -1, 1e308, null), anyValue),
              token_type: fc.oneof(fc.constant('Bearer'), anyValue),
              error: fc.oneof(fc.constantFrom('invalid_client', 'interaction_required', 'server_error'), anyValue),
              error_description: fc.oneof(fc.constant(`AADSTS7000215: Invalid client secret ${clientSecret}`), anyText),
              error_codes: anyValue,
              correlation_id: anyValue,
            },
            { requiredKeys: [] },
          )
          .map((body) => JSON.stringify(body)),
      },
      anyBody,
    );
    const input = fc.tuple(
      wireAnswer(
        aTokenBody.map((text) => text.toWellFormed()),
        `${elsewhere.url}/x`,
      ),
      fc.option(
        wireAnswer(
          anyBody.map((text) => text.toWellFormed()),
          `${elsewhere.url}/x`,
        ),
        { nil: undefined, freq: 4 },
      ),
    );
    const property = propertyOf(input, async ([posted, discovered]) => {
      api.received.length = 0;
      login.respond = (request, response, socket) => {
        if (request.method !== 'POST' && discovered !== undefined) sends(discovered)(request, response, socket);
        else loginHost(sends(posted))(request, response, socket);
      };
      const time = createHurriedTime();
      const ports = { ...systemPorts(), env: {}, random: () => 0, clock: time.clock, timer: time.timer };
      const settings = { tenantId, clientId, clientSecret, authorityHost: login.url, apiUrl: api.url };
      const defender = createDefender(settings, ports, { overallMs: 5_000, connectMs: 5_000 });
      try {
        const identity = await defender.identity();
        for (const role of identity.roles) expect(role).to.be.a('string');
        expect(identity.tenantId === undefined || identity.tenantId === tenantId, 'a token of another tenant').to.equal(
          true,
        );
      } catch (error) {
        expect(judgeError(error).kind).to.be.oneOf(['sign-in', 'invalid-configuration']);
        await defender.request(id, { type: 'Unisolate' }, 'INC-1').catch(judgeError);
        expect(api.received.length, 'requests of somebody who is not signed in').to.equal(0);
      } finally {
        defender.close();
      }
      expect(elsewhere.received.length, 'requests to another host').to.equal(0);
    });
    return {
      property,
      async close() {
        await Promise.all([login.close(), api.close(), elsewhere.close()]);
        distrust();
      },
    };
  },
};

export const clientTargets = [answers, signIn];

/** A typed error in words for people, without a secret. */
function judgeError(error: unknown): DefenderError {
  if (!isDefenderError(error)) throw error;
  const told = `${error.message} ${error.next ?? ''}`;
  expect(told).to.match(/\S/);
  expect(told).not.to.match(acting);
  expect(told.length).to.be.below(2_500);
  expect(told).not.to.contain(clientSecret);
  expect(told).not.to.match(/Bearer [\w-]{8}|eyJ[\w-]{20}/);
  return error;
}
