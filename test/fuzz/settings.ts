import { expect } from 'chai';
import fc from 'fast-check';
import { formatPath, parsePath } from '../../provider/manifest/property-path.ts';
import { configurationInForce, takeCurrentConfiguration } from '../../provider/plugin/current-configuration.ts';
import { rootOfPath } from '../../provider/property-path.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { readSettings } from '../../provider/resources/settings.ts';
import { readSettings as readTexts, type SettingKind } from '../../provider/settings-text.ts';
import { target } from './target.ts';
import { anyText, distorted, mutated } from './texts.ts';

const config = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: 'c',
  clientSecret: 'S3cr3t~Value',
  cloud: 'Commercial',
  region: 'eu',
  releases: 'hold',
  useOidc: 'true',
  maxRunTime: '50m',
  allowReleases: '60-ab12cd34',
  guardrails: '{"maxReleases":3,"protected":{"names":["dc-*"]}}',
  rateLimits: '{"perMinute":90,"share":0.5}',
  apiUrl: 'https://api.security.microsoft.com',
  authorityHost: 'https://login.microsoftonline.com',
};
const kinds: Readonly<Record<string, SettingKind>> = { useOidc: 'boolean', guardrails: 'object', rateLimits: 'object' };
const kindOf = (name: string) => (Object.hasOwn(kinds, name) ? kinds[name] : undefined);
const booleanTexts = fc.record({ useOidc: fc.oneof(fc.constantFrom('true', 'false', 'yes'), anyText) });
const anyConfig = fc.oneof(
  { weight: 3, arbitrary: distorted(config) },
  booleanTexts,
  fc
    .tuple(mutated(fc.constant(config.guardrails)), mutated(fc.constant(config.rateLimits)))
    .map(([guardrails, rateLimits]) => ({ ...config, guardrails, rateLimits })),
);

export const settingTargets = [
  target('configuration', 2_000, anyConfig, (given) => {
    const { settings, failures } = readTexts(given as PropertyMap, kindOf);
    const read = readSettings(settings);
    for (const { property, reason } of [...failures, ...read.failures]) {
      expect(property).to.be.a('string');
      expect(reason).to.match(/\S/);
      expect(reason, 'a secret').not.to.contain(config.clientSecret);
    }
    const { limits, holdReleases } = read.settings;
    for (const limit of [limits.maxReleases, limits.maxReleasePercent, limits.maxIsolations, limits.maxRunTimeMs])
      expect(limit).to.be.a('number').and.satisfy(Number.isFinite);
    // Anything but an exact word, and what holds releases back is told or in force (semantics 5.4).
    if (given && (given as { releases?: unknown }).releases === 'hold') expect(holdReleases).to.equal(true);
    const flag = settings.useOidc;
    if (flag !== undefined && failures.length === 0 && typeof (given as { useOidc?: unknown }).useOidc === 'string')
      expect(flag).to.be.a('boolean');
  }),
  target(
    'current-configuration',
    2_000,
    fc.tuple(
      fc.oneof(
        distorted(config).map((value) => JSON.stringify(value) ?? ''),
        mutated(fc.constant(JSON.stringify(config))),
        anyText,
      ),
      distorted(config),
      fc.boolean(),
    ),
    ([text, given, isDefault]) => {
      const environment: Record<string, string | undefined> = { PULUMI_CONFIG: text };
      const current = takeCurrentConfiguration(environment);
      expect(environment).to.deep.equal({});
      for (const value of Object.values(current ?? {})) expect(value).to.be.a('string');
      const force = configurationInForce(given as PropertyMap, current, isDefault);
      // Neither side loosens what the other holds: hold stays hold unless the stack's own configuration says otherwise now.
      if (!isDefault && (given.releases === 'hold' || current?.releases === 'hold'))
        expect(force.releases).to.equal('hold');
    },
  ),
  target(
    'paths',
    2_000,
    fc.tuple(
      fc.array(fc.oneof(anyText, fc.nat({ max: 9_999 })), { minLength: 1, maxLength: 4 }),
      fc.oneof(anyText, mutated(fc.constant('hosts["a b"][3].comment["\\u0041\\n"]'), ['["', '"]', '\\', '.', '['])),
    ),
    ([path, text]) => {
      const formatted = formatPath(path);
      expect(parsePath(formatted)).to.deep.equal(path);
      expect(formatPath(parsePath(formatted))).to.equal(formatted);
      const [first] = path;
      if (typeof first === 'string') expect(rootOfPath(formatted)).to.be.a('string');
      parsePath(text);
      rootOfPath(text);
    },
  ),
];
