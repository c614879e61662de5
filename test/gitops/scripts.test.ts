import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { runBash, type ScriptRun } from '../engine/gitops/bash.ts';
import { exampleFolder } from '../engine/gitops/repository.ts';
import { plainPath, type TemporaryFolder, temporaryFolder } from '../tools/temporary-folder.ts';

const script = (name: string) => join(exampleFolder, 'scripts', name);

describe('examples/gitops, the scripts', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  describe('install-pulumi.sh', () => {
    const install = (env: Record<string, string>) =>
      runBash(script('install-pulumi.sh'), ['--noprofile', '--norc'], {
        cwd: folder.path,
        env: {
          PATH: `${folder.path}/bin:${plainPath}`,
          HOME: folder.path,
          PULUMI_VERSION: '3.259.0',
          GITHUB_PATH: folder.write('path', ''),
          ...env,
        },
      });

    /** What is downloaded is a script; this one notes how it was called. */
    const offer = () => folder.script('bin/curl', `echo "curl $*" >> ${folder.path}/calls; echo 'echo "$@" >> calls'`);
    const calls = () => readFileSync(join(folder.path, 'calls'), 'utf8').trim().split('\n');

    it('leaves an engine of that version as it is, without a download', async () => {
      folder.script('bin/pulumi', 'echo v3.259.0');
      folder.script('bin/curl', 'exit 7');
      expect(await install({})).to.deep.equal({ code: 0, output: 'pulumi 3.259.0 is there\n' });
    });

    it('brings exactly that version by the official installer, where there is another or none', async () => {
      offer();
      folder.script('bin/pulumi', 'echo v3.100.0');
      expect((await install({})).code).to.equal(0);
      const [download, run] = calls();
      expect(download).to.match(/ https:\/\/get\.pulumi\.com$/);
      expect(run).to.equal('--version 3.259.0');
      expect(readFileSync(join(folder.path, 'path'), 'utf8')).to.equal(`${folder.path}/.pulumi/bin\n`);
    });

    it('puts it first on the PATH of an Azure agent too', async () => {
      offer();
      const { output } = await install({ GITHUB_PATH: '', TF_BUILD: 'True' });
      expect(output).to.equal(`##vso[task.prependpath]${folder.path}/.pulumi/bin\n`);
    });

    it('fails where the download fails', async () => {
      folder.script('bin/curl', 'exit 22');
      expect((await install({})).code).to.not.equal(0);
      expect(readFileSync(join(folder.path, 'path'), 'utf8')).to.equal('');
    });
  });

  describe('sign-in.sh', () => {
    const signIn = (env: Record<string, string>): Promise<ScriptRun> =>
      runBash(
        folder.write(
          'use.sh',
          `. ${script('sign-in.sh')}\nenv | grep ^AZURE_ | sort; cat "$AZURE_FEDERATED_TOKEN_FILE"`,
        ),
        [],
        { cwd: folder.path, env: { PATH: plainPath, AGENT_TEMPDIRECTORY: folder.path, ...env } },
      );

    it("turns the service connection's token into what the plugin reads", async () => {
      const { output } = await signIn({
        idToken: 'header.body.signature',
        servicePrincipalId: 'app',
        tenantId: 'tenant',
      });
      expect(output.split('\n')).to.include.members(['AZURE_CLIENT_ID=app', 'AZURE_TENANT_ID=tenant']);
      expect(output).to.match(/^AZURE_FEDERATED_TOKEN_FILE=.*\/token\.\w+$/m);
      expect(output.endsWith('header.body.signature')).to.equal(true);
    });

    it('says what is wrong with a service connection that keeps a secret', async () => {
      const { code, output } = await signIn({ servicePrincipalId: 'app', tenantId: 'tenant' });
      expect(code).to.not.equal(0);
      expect(output).to.contain('workload identity federation');
    });
  });

  describe('comment.mjs', () => {
    let server: Server;
    /** What was sent, and where, in order. */
    const bodies: string[] = [];
    const calls: string[] = [];
    let status = 200;
    /** What a look for an earlier comment finds. */
    let found: unknown = [];
    before(async () => {
      server = createServer((request, response) => {
        let text = '';
        request.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        request.on('end', () => {
          calls.push(`${request.method} ${request.url}`);
          if (text !== '') bodies.push((JSON.parse(text) as { body?: string }).body ?? text);
          const answer = request.method === 'GET' ? found : {};
          response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    beforeEach(() => {
      bodies.length = 0;
      calls.length = 0;
      status = 200;
      found = [];
    });
    after(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    const comment = (
      files: { status?: string; preview?: string },
      env: Readonly<Record<string, string>> = {},
    ): Promise<ScriptRun> => {
      for (const [name, text] of Object.entries(files)) folder.write(name, text);
      const call = `node ${script('comment.mjs')} status preview`;
      return runBash(folder.write('call.sh', call), [], {
        cwd: folder.path,
        env: {
          PATH: `${dirname(process.execPath)}:${plainPath}`,
          GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          GITHUB_SERVER_URL: 'https://github.com',
          GITHUB_REPOSITORY: 'contoso/quarantine',
          GITHUB_RUN_ID: '4711',
          GITHUB_TOKEN: 'hush-hush',
          PULL_REQUEST: '7',
          ...env,
        },
      });
    };

    it('leads with the status, which leads with what would be released', async () => {
      await comment({ status: '**2 hosts would be released**', preview: 'Previewing update' });
      const [body = ''] = bodies;
      expect(body).to.match(/^<!-- pulumi-mde -->\n\n\*\*2 hosts would be released\*\*\n\n<details>/);
      expect(body).to.contain('\n    Previewing update\n');
      expect(body).to.contain('https://github.com/contoso/quarantine/actions/runs/4711');
    });

    it('stays below what GitHub takes, and keeps the end of a long preview, where refusals stand', async () => {
      await comment({ status: 'ä'.repeat(60_000), preview: `${'🙂 and so on\n'.repeat(10_000)}refused` });
      const [body = ''] = bodies;
      expect(body.length).to.be.lessThan(65_536);
      expect(body).to.contain('(the run shows all of it)').and.to.contain('\n    refused\n');
      expect(body).to.not.contain('\uFFFD');
    });

    it('keeps of a refusal that names very many hosts what it is and how to allow it', async () => {
      const hosts = Array.from({ length: 900 }, (_, index) => `host-${index}.contoso.com`).join(', ');
      await comment({
        status: 'x',
        preview: `error: 900 hosts: ${hosts}: allowReleases: "900-ab12cd34"\nerror: failed`,
      });
      expect(bodies[0]).to.contain('error: 900 hosts: host-0.').and.to.contain('allowReleases: "900-ab12cd34"\n');
      expect(bodies[0]?.length).to.be.lessThan(3_000);
    });

    it('shows a preview as plain text, whatever a host is called', async () => {
      await comment({ status: 'all well', preview: '\u001b[31ma\r\n```\n</details>\r# not a title\n@everyone' });
      expect(bodies[0]).to.not.contain('\u001b');
      const shown = bodies[0]?.split('\n').filter((line) => /```|<\/details>|title|everyone/.test(line));
      expect(shown).to.deep.equal(['    ```', '    </details>', '    # not a title', '    @everyone', '</details>']);
    });

    it('says that nothing is known where there is no status, instead of nothing', async () => {
      await comment({ preview: 'error: sign-in failed' });
      expect(bodies[0]).to.contain('could not be read');
      await comment({ status: '', preview: '' });
      expect(bodies[1]).to.contain('could not be read').and.to.contain('no preview');
    });

    it("changes its own comment, and nobody else's", async () => {
      const own = '<!-- pulumi-mde -->\n\nold';
      found = [
        { id: 1, body: own, user: { type: 'User' } },
        { id: 2, body: `> ${own}`, user: { type: 'Bot' } },
        { id: 3, body: own, user: { type: 'Bot' } },
      ];
      expect((await comment({ status: 'new' })).output).to.equal('comment changed\n');
      expect(calls.at(-1)).to.equal('PATCH /repos/contoso/quarantine/issues/comments/3');
    });

    it('has one thread on Azure DevOps, whose first comment it changes', async () => {
      const { port } = server.address() as AddressInfo;
      const azure = {
        TF_BUILD: 'True',
        SYSTEM_ACCESSTOKEN: 'hush-hush',
        SYSTEM_COLLECTIONURI: `http://127.0.0.1:${port}/contoso/`,
        SYSTEM_TEAMPROJECT: 'Blue Team',
        SYSTEM_PULLREQUEST_PULLREQUESTID: '7',
        BUILD_REPOSITORY_ID: '0815',
        BUILD_BUILDID: '42',
      };
      const threads = '/contoso/Blue%20Team/_apis/git/repositories/0815/pullRequests/7/threads';
      found = {
        value: [
          { id: 1, comments: [{ id: 1, content: 'somebody else' }] },
          { id: 2, comments: [] },
        ],
      };
      await comment({ status: 'first' }, azure);
      expect(calls.at(-1)).to.equal(`POST ${threads}?api-version=7.1`);
      found = { value: [{ id: 3, comments: [{ id: 1, content: '<!-- pulumi-mde -->\n\nold' }] }] };
      await comment({ status: 'second' }, azure);
      expect(calls.at(-1)).to.equal(`PATCH ${threads}/3/comments/1?api-version=7.1`);
      expect(bodies.at(-1)).to.contain('second').and.to.contain('/contoso/Blue%20Team/_build/results?buildId=42');
    });

    it('fails in one line, without the token, where GitHub refuses it', async () => {
      status = 403;
      const { code, output } = await comment({ status: 'all well' });
      expect(code).to.equal(1);
      expect(output).to.match(/^The comment could not be written: GET .* HTTP 403\n$/);
      expect(output).to.not.contain('hush-hush');
    });
  });
});
