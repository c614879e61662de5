import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CallFailed, type PluginUnderTest, startPlugin } from './fake-engine.ts';

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));

/** Everything here is decided in the process: no host is named that a test could reach. */
describe('cloud, region and hosts that contradict each other, over the wire', function () {
  this.timeout(30_000);
  let plugin: PluginUnderTest;
  before(async () => {
    plugin = await startPlugin({
      script,
      type: 'mde:index:MachineIsolation',
      env: { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com' },
    });
  });
  after(() => plugin.dispose());

  for (const [config, property, reason] of [
    [{ cloud: 'GCC', region: 'us' }, 'region', 'the cloud GCC has one API host for all regions; leave region out'],
    [{ cloud: 'GCCHigh', region: 'eu' }, 'region', 'the cloud GCCHigh has one API host'],
    [{ cloud: 'DoD', region: 'uk' }, 'region', 'the cloud DoD has one API host'],
    [{ region: 'eu', apiUrl: 'https://us.api.security.microsoft.com' }, 'apiUrl', 'it contradicts region'],
    [{ region: 'mars' }, 'region', '"mars" is none of us, eu, uk, au, swa, ina'],
    [
      { cloud: 'GCCHigh', authorityHost: 'https://login.microsoftonline.com', clientSecret: 'never-told-to-strangers' },
      'authorityHost',
      'signs in to the cloud Commercial or GCC, but cloud is GCCHigh',
    ],
    [
      { cloud: 'GCC', apiUrl: 'https://api-gov.securitycenter.microsoft.us' },
      'apiUrl',
      'belongs to the cloud GCCHigh or DoD, but cloud is GCC',
    ],
  ] as const) {
    it(`CheckConfig refuses ${JSON.stringify(config).replace(/,"clientSecret.*"/, '')} by ${property}`, async () => {
      const { failures } = await plugin.checkConfig(config);
      const found = failures.filter((failure) => failure.property === property);
      expect(found.map((failure) => failure.reason).join('\n'))
        .to.contain(reason)
        .and.not.to.contain('never-told');
    });
  }

  it('CheckConfig takes what fits', async () => {
    for (const config of [{ region: 'eu' }, { cloud: 'Commercial', region: 'EU' }, { cloud: 'DoD' }]) {
      expect((await plugin.checkConfig(config)).failures).to.deep.equal([]);
    }
  });

  it("Configure refuses a login host of the environment that is another cloud's", async () => {
    const error = await plugin.configure({ cloud: 'GCCHigh' }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(CallFailed);
    expect(String(error)).to.contain(
      'AZURE_AUTHORITY_HOST: https://login.microsoftonline.com signs in to the cloud Commercial or GCC, but cloud is GCCHigh',
    );
  });
});
