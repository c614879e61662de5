import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type EngineEnv, makeEngineEnv } from '../../tools/engine-env.ts';
import { pluginFolder } from './world.ts';

const schemaFile = fileURLToPath(new URL('../../schema/schema.json', import.meta.url));

describe('the package schema, judged by the real engine', () => {
  let engine: EngineEnv;
  before(() => {
    engine = makeEngineEnv();
  });
  after(() => engine.remove());

  it('is valid', async () => {
    const { code, stdout, stderr } = await engine.run(['schema', 'check', schemaFile], { cwd: engine.folder });
    expect(code, `${stdout}${stderr}`).to.equal(0);
  });

  it('is what the plugin serves', async () => {
    const { code, stdout, stderr } = await engine.run(
      ['package', 'get-schema', `${pluginFolder}/pulumi-resource-mde`],
      { cwd: engine.folder },
    );
    expect(code, stderr).to.equal(0);
    const committed = JSON.parse(readFileSync(schemaFile, 'utf8'));
    const served = JSON.parse(stdout);
    expect(served.resources).to.have.all.keys(Object.keys(committed.resources));
    for (const [token, resource] of Object.entries<{ inputProperties: object; properties: object }>(
      committed.resources,
    )) {
      expect(served.resources[token].inputProperties).to.have.all.keys(Object.keys(resource.inputProperties));
      expect(served.resources[token].properties).to.have.all.keys(Object.keys(resource.properties));
    }
    expect(served.config.variables).to.have.all.keys(Object.keys(committed.config.variables));
  });
});
