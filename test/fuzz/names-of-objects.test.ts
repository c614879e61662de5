import { expect } from 'chai';
import { codeRestriction, isolation, stateWord } from '../../provider/containment/pair.ts';
import { responseError } from '../../provider/defender/response-error.ts';
import { routes } from '../../provider/defender/routes.ts';
import { readInline, readManifest } from '../../provider/manifest/manifest.ts';
import { asContained, asRestriction } from '../../provider/resources/code-execution-restriction/outputs.ts';
import { knownHosts } from '../../provider/resources/quarantine/known-host.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { readSettings } from '../../provider/resources/settings.ts';
import { readSettings as readTexts } from '../../provider/settings-text.ts';
import { runOffline } from '../cli/run.ts';
import { pollution } from './target.ts';
import { namesOfObjects } from './texts.ts';

/** As `JSON.parse` makes it: `__proto__` is an own property. */
const json = (text: string) => JSON.parse(text) as PropertyMap;
const poison = (name: string) => `{"${name}":{"polluted":true,"maxReleases":1000000}}`;

describe('names that every object of JavaScript has', () => {
  afterEach(() => expect(pollution()).to.equal(undefined));

  for (const name of namesOfObjects) {
    it(`${name}: in a manifest is an unknown property, at every level`, async () => {
      for (const text of [
        `version: 1\nhosts: []\n${name}: { polluted: true }\n`,
        `version: 1\nhosts: []\nguardrails: { ${name}: { maxReleases: 1000000 } }\n`,
        `version: 1\ncomment: x\nhosts:\n  - deviceName: a\n    ${name}: { allowProtected: true }\n`,
        `version: 1\nhosts: []\nfiles: [{ sha1: 87662bc3d60e4200ceaf7aae249d1c343f4b83c9, ${name}: 1 }]\n`,
      ]) {
        const { manifest, problems } = await readManifest(text);
        expect(manifest, text).to.equal(undefined);
        expect(problems.map(({ reason }) => reason).join(), text).to.match(/is no property of/);
      }
      const inline = await readInline({ hosts: [json(`{"deviceName":"a","comment":"x","${name}":true}`)] });
      expect(inline.manifest).to.equal(undefined);
    });

    it(`${name}: as a device's name is its name, or is refused where state could not hold it`, async () => {
      const { manifest, problems } = await readManifest(`version: 1\ncomment: x\nhosts:\n  - deviceName: ${name}\n`);
      if (name === '__proto__') expect(problems[0]?.reason).to.match(/cannot be used as a name here.*machineId/);
      else expect(manifest?.hosts[0]).to.include({ deviceName: name, isolationType: 'Full', onDelete: 'release' });
    });

    it(`${name}: as the code of an error says nothing that is known`, () => {
      const context = { route: routes.getMachine, host: 'api.security.microsoft.com', scope: 'https://x/.default' };
      for (const status of [400, 403, 500]) {
        const { next } = responseError(status, JSON.stringify({ error: { code: name, message: 'no' } }), context);
        expect(next, String(status))
          .to.be.a('string')
          .and.match(/^[A-Z].*\.$/);
      }
    });

    it(`${name}: in configuration loosens nothing and is no flag`, () => {
      const texts = readTexts({ useOidc: name, guardrails: poison(name) }, (key) =>
        key === 'useOidc' ? 'boolean' : 'object',
      );
      expect(texts.failures.map(({ property }) => property)).to.include('useOidc');
      const { settings } = readSettings(texts.settings);
      expect(settings.limits.maxReleases).to.equal(5);
      expect(readSettings(json(poison(name))).settings.limits.maxReleases).to.equal(5);
    });

    it(`${name}: in state is a word like any other`, () => {
      for (const pair of [isolation, codeRestriction]) expect(stateWord(pair, name)).to.equal(name);
      const outputs = json(`{"state":"${name}","${name}":"x"}`);
      expect(asContained(outputs).state).to.equal(name);
      expect(Object.keys(asContained(outputs))).to.have.members(Object.keys(outputs));
      expect(asRestriction(outputs)).to.deep.equal({ state: name });
      const { hosts, unreadable } = knownHosts(json(`{"hosts":{"${name}":"no line of ours"}}`));
      expect([hosts, unreadable]).to.deep.equal([[], [name]]);
    });

    it(`${name}: is no command`, async () => {
      const { code, err } = await runOffline([name]);
      expect(code).to.equal(1);
      expect(err).to.match(/unknown command/);
    });
  }
});
