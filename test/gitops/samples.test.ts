import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { pinnedVersions } from '../../tools/setup/engine-pins.mjs';
import { workflowFiles } from '../engine/gitops/github.ts';
import { exampleFolder } from '../engine/gitops/repository.ts';

// These are executed by nobody here: held to what keeps a fleet contained.

const pipelineFiles = ['pull-request', 'merge', 'schedule'].map((name) => `azure-pipelines/${name}.yml`);

const text = (name: string) => readFileSync(join(exampleFolder, name), 'utf8');

describe('examples/gitops, the sample for the Pulumi Kubernetes Operator', () => {
  const documents = parseAllDocuments(text('operator/stack.yaml')).map((document) => document.toJS());
  const stack = documents.find(({ kind }) => kind === 'Stack');

  it('is whole: each document has a kind and a name, and the Stack uses the service account that is made here', () => {
    for (const { apiVersion, kind, metadata } of documents) {
      for (const each of [apiVersion, kind, metadata.name]) expect(each).to.be.a('string').that.is.not.empty;
    }
    const account = documents.find(({ kind }) => kind === 'ServiceAccount');
    expect(stack.apiVersion).to.equal('pulumi.com/v1');
    expect(stack.spec.serviceAccountName).to.equal(account.metadata.name);
    expect(stack.metadata.namespace).to.equal(account.metadata.namespace);
  });

  it('deleting the Stack object releases nobody, nor does what deploys it by pruning', () => {
    expect(stack.spec.destroyOnFinalize).to.equal(false);
    expect(stack.metadata.annotations).to.deep.equal({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    });
  });

  it('semantics 8.6: its runs release nobody, and come again without a commit, so that leases are renewed', () => {
    expect(stack.spec.config['mde:releases']).to.equal('hold');
    expect(stack.spec.continueResyncOnCommitMatch).to.equal(true);
    expect(stack.spec.resyncFrequencySeconds).to.be.within(3_600, 86_400);
    expect(stack.spec.useLocalStackOnly).to.equal(true);
  });

  it('its project is that of the folder, but for where plugin, manifest and configuration lie', () => {
    const own = parse(text('operator/Pulumi.yaml'));
    const shared = parse(text('Pulumi.yaml'));
    expect(own.plugins.providers[0].path).to.equal(`/opt/quarantine/${shared.plugins.providers[0].path}`);
    expect(own.resources.fleet.properties.manifest['fn::readFile']).to.equal('../quarantine.yaml');
    expect(own.stackConfigDir).to.equal('..');
    own.plugins.providers[0].path = shared.plugins.providers[0].path;
    own.resources.fleet.properties.manifest['fn::readFile'] = './quarantine.yaml';
    delete own.stackConfigDir;
    expect(own).to.deep.equal(shared);
  });
});

describe('examples/gitops, the sample for Pulumi Deployments', () => {
  const settings = JSON.parse(text('deployments/settings.json'));

  it('makes no stack of a pull request, which would be destroyed with it, and repairs nothing unasked', () => {
    expect(settings.gitHub).to.include({ pullRequestTemplate: false, previewPullRequests: false });
    expect(settings.operationContext.options).to.deep.equal({
      deleteAfterDestroy: false,
      remediateIfDriftDetected: false,
    });
  });

  it('keeps no secret', () => {
    expect(JSON.stringify(settings)).to.not.match(/secret/i);
    const { values } = parse(text('deployments/environment.yaml'));
    expect(values.azure.login['fn::open::azure-login'].oidc).to.equal(true);
    expect(Object.keys(values.environmentVariables)).to.deep.equal(['AZURE_TENANT_ID', 'AZURE_CLIENT_ID']);
    expect(Object.keys(values.files)).to.deep.equal(['AZURE_FEDERATED_TOKEN_FILE']);
  });
});

describe('examples/gitops, the stack', () => {
  it('runs everywhere on the engine that it is tested with', () => {
    const version = pinnedVersions(join(exampleFolder, '../..')).pulumi.slice(1);
    const pipelines = [...workflowFiles.map((file) => `.github/workflows/${file}`), ...pipelineFiles];
    for (const file of pipelines) {
      const { env, variables } = parse(text(file));
      expect(String((env ?? variables).PULUMI_VERSION), file).to.contain(version);
    }
    expect(text('operator/Dockerfile')).to.contain(`FROM pulumi/pulumi:${version}-nonroot`);
  });

  it('is protected: a destroy, or a merge that loses the resource, is refused by the engine', () => {
    expect(parse(text('Pulumi.yaml')).resources.fleet.options.protect).to.equal(true);
  });

  it('declares no host until its owner does', () => {
    expect(parse(text('quarantine.yaml'))).to.deep.include({ version: 1, hosts: [] });
  });

  it('names the schema that the npm package holds, for editors', () => {
    const [first] = text('quarantine.yaml').split('\n');
    const { files } = JSON.parse(readFileSync(join(exampleFolder, '../../package.json'), 'utf8'));
    expect(first).to.equal('# yaml-language-server: $schema=./node_modules/pulumi-mde/schema/quarantine.schema.json');
    expect(files).to.include('schema/*.json');
  });

  it('depends on the version of this repository', () => {
    const { version } = JSON.parse(readFileSync(join(exampleFolder, '../../package.json'), 'utf8'));
    expect(JSON.parse(text('package.json')).dependencies).to.deep.equal({ 'pulumi-mde': version });
  });
});
