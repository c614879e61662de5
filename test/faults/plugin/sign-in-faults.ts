import type { FaultEffect, FaultRule } from '../../../simulator/faults.ts';
import { Broken } from '../broken.ts';
import { elsewhere } from './elsewhere.ts';
import type { PluginFault, Scene, SeenRun } from './story.ts';

const toSignIn = (effect: FaultEffect): readonly FaultRule[] => [{ effect, route: 'token' }];
const readOnly = ['Machine.Read.All'];

/** In the middle of the next run: after so much of its time. */
function during({ world }: Scene, ms: number, run: () => void): void {
  world.clock.after(ms, run);
}

function loseRole({ world }: Scene): void {
  const { control, simulator } = world;
  control.setRoles(simulator.credentials.clientId, readOnly);
  control.expireTokens();
}

function giveRoleBack({ world }: Scene): void {
  const { control, simulator } = world;
  control.setRoles(simulator.credentials.clientId, [...readOnly, 'Machine.Isolate']);
}

const failsBeforeAll = { ends: 'failing', writes: 'none' } as const;

/** What keeps us from signing in, or takes back what we were given. */
export const signInFaults: readonly PluginFault[] = [
  {
    fault: 'sign-in answers 503',
    expected: 'nothing is read or written; the login host is named',
    short: false,
    rules: toSignIn({ kind: 'answer', status: 503 }),
    ...failsBeforeAll,
    tells: [/Sign-in \(client secret, tenant .+\) failed/, /127\.0\.0\.1/],
  },
  {
    fault: 'sign-in resets each connection',
    expected: 'nothing is read or written; the login host is named',
    short: false,
    rules: toSignIn({ kind: 'reset-before' }),
    ...failsBeforeAll,
    tells: [/Sign-in .+ failed/, /127\.0\.0\.1/],
  },
  {
    fault: 'sign-in is slow',
    expected: 'waited for, and ends well',
    short: false,
    rules: toSignIn({ kind: 'delay', ms: 1_500 }),
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'sign-in never answers',
    expected: 'given up after a minute and a half; nothing is read or written',
    short: false,
    rules: toSignIn({ kind: 'hang' }),
    process: { clock: { hangsAfterMs: 400 } },
    ...failsBeforeAll,
    tells: [/Sign-in .+ failed/, /127\.0\.0\.1/],
  },
  {
    fault: 'sign-in answers 200 with no JSON',
    expected: 'nothing is read or written; told without the answer',
    short: false,
    rules: toSignIn({ kind: 'garbage' }),
    ...failsBeforeAll,
    tells: [/Sign-in .+ failed/],
  },
  {
    fault: 'sign-in answers 200 with a page',
    expected: 'nothing is read or written; told without the page',
    short: false,
    rules: toSignIn({
      kind: 'answer',
      status: 200,
      body: '<html><body>Welcome to the guest network</body></html>',
      headers: { 'Content-Type': 'text/html' },
    }),
    ...failsBeforeAll,
    tells: [/Sign-in .+ failed/],
  },
  {
    fault: 'sign-in redirects to another host',
    expected: 'the secret goes nowhere else; told',
    short: true,
    begin: async ({ world }) => {
      const other = await elsewhere();
      const rule = { kind: 'redirect', location: `${other.url}/token` } as const;
      world.control.addFault({ effect: rule, route: 'token' });
      return async () => {
        await other.end();
        if (other.received.length > 0) throw new Broken('I7', `another host was sent ${other.received.join(', ')}`);
      };
    },
    ...failsBeforeAll,
    tells: [/Sign-in .+ failed/],
  },
  {
    fault: 'the client secret has expired',
    expected: 'nothing is read or written; told, with what to set',
    short: false,
    begin: ({ world }) => {
      const { control, simulator } = world;
      control.expireSecrets(simulator.credentials.clientId);
      return () => world.useSecret(control.addSecret(simulator.credentials.clientId));
    },
    ...failsBeforeAll,
    tells: [/the client secret has expired/, /Create a new secret/],
  },
  {
    fault: 'the token is revoked in the middle, again and again',
    expected: 'signs in anew, and ends well: one request each',
    short: true,
    beforeUp: (scene) => {
      for (const ms of [1, 3_000, 6_000, 20_000, 64_000]) during(scene, ms, () => scene.world.control.expireTokens());
    },
    ends: 'well',
    writes: 'as-declared',
  },
  {
    fault: 'every token is refused',
    expected: 'signs in anew once a call; nothing is written; told',
    short: false,
    rules: [{ effect: { kind: 'answer', status: 401 } }],
    ...failsBeforeAll,
    tells: [/HTTP 401/, /check that cloud, apiUrl and tenantId belong together/],
  },
  {
    fault: 'the writing role is taken away before the first write',
    expected: 'nothing is sent; the role is named for each host',
    short: true,
    preview: 'well',
    beforeUp: (scene) => during(scene, 1, () => loseRole(scene)),
    begin: (scene) => () => giveRoleBack(scene),
    ...failsBeforeAll,
    tells: [/lacks the role Machine\.Isolate/, /[Gg]rant/],
  },
  {
    fault: 'the writing role is taken away after the isolations',
    expected: 'the isolations are followed to their end; nobody is released, and the role is named',
    short: false,
    preview: 'well',
    beforeUp: (scene) => during(scene, 4_000, () => loseRole(scene)),
    begin: (scene) => () => giveRoleBack(scene),
    ends: 'failing',
    writes: 'some',
    tells: [/lacks the role Machine\.Isolate/, /[Gg]rant/],
    after: (_scene, { made }: SeenRun) => {
      const types = made.map(({ type }) => type).join();
      if (types !== 'Isolate,Isolate') throw new Error(`carried out was ${types}`);
    },
  },
  {
    fault: 'the reading role is taken away in the middle',
    expected: 'what was sent is kept and told as not certain; nobody is released',
    short: false,
    preview: 'well',
    beforeUp: (scene) =>
      during(scene, 4_000, () => {
        const { control, simulator } = scene.world;
        control.setRoles(simulator.credentials.clientId, ['Machine.Isolate']);
        control.expireTokens();
      }),
    begin: (scene) => () => giveRoleBack(scene),
    ends: 'failing',
    writes: 'some',
    tells: [/Machine\.Read\.All/],
    after: (_scene, { made }: SeenRun) => {
      const types = made.map(({ type }) => type).join();
      if (types !== 'Isolate,Isolate') throw new Error(`carried out was ${types}`);
    },
  },
];
