import { expect } from 'chai';
import { runOffline } from './run.ts';

describe('pulumi-mde and its flags for signing in', () => {
  for (const [flags, told] of [
    [['--cloud', 'GCC', '--region', 'us'], '--region: the cloud GCC has one API host for all regions'],
    [['--region', 'mars'], '--region: "mars" is none of us, eu, uk, au, swa, ina'],
    [['--region', 'eu', '--api-url', 'https://us.api.security.microsoft.com'], '--api-url: it contradicts region'],
    [
      ['--cloud', 'GCCHigh', '--authority-host', 'https://login.microsoftonline.com'],
      '--authority-host: https://login.microsoftonline.com signs in to the cloud Commercial or GCC, but cloud is GCCHigh',
    ],
    [['--use-azure-cli', '--use-oidc'], 'ways to sign in that exclude each other'],
  ] as const) {
    it(`refuses ${flags.join(' ')} before anything is called`, async () => {
      for (const command of [['status'], ['release', '--machine', 'a'.repeat(40), '--comment', 'x']]) {
        const ran = await runOffline([...command, ...flags]);
        expect(ran.code).to.equal(1);
        expect(ran.err).to.contain(told);
        expect(ran.out).to.equal('');
      }
    });
  }
});
