import { expect } from 'chai';
import { auditText, exitCodes, shippedAudit } from '../../tools/audit-shipped.ts';

describe('the audit of what ships', () => {
  const shipped = [
    { name: 'axios', version: '1.21.1' },
    { name: 'tslib', version: '2.0.0' },
  ];
  const locked = {
    'node_modules/axios': { version: '1.21.1' },
    'node_modules/mocha/node_modules/axios': { version: '0.1.0' },
    'node_modules/mocha': { version: '12.0.3' },
  };
  const advisory = { title: 'tells tokens', url: 'https://advisories.test/1' };
  const of = (vulnerabilities: unknown, code = 1) =>
    shippedAudit(
      { code, stdout: JSON.stringify({ auditReportVersion: 2, vulnerabilities }), stderr: '' },
      locked,
      shipped,
    );

  it('names each advisory on a package that ships', () => {
    const axios = { severity: 'high', via: [advisory, 'follow-redirects'], nodes: ['node_modules/axios'] };
    const audit = of({ axios });
    expect(audit.kind).to.equal('vulnerable');
    expect(auditText(audit)).to.equal('in what ships:\n  axios@1.21.1: high: tells tokens (https://advisories.test/1)');
    expect(exitCodes[audit.kind]).to.equal(1);
  });

  it('says nothing of tools of development, nor of another version of the same package', () => {
    const audit = of({
      mocha: { severity: 'critical', via: [advisory], nodes: ['node_modules/mocha'] },
      axios: { severity: 'high', via: [advisory], nodes: ['node_modules/mocha/node_modules/axios'] },
    });
    expect(audit).to.deep.equal({ kind: 'clean', packages: 2 });
    expect(exitCodes[audit.kind]).to.equal(0);
  });

  for (const [what, run] of Object.entries({
    'the registry refuses the question': {
      code: 1,
      stdout: JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405, error: { summary: '' } }),
      stderr: 'npm error audit endpoint returned an error',
    },
    'there is no network': { code: 1, stdout: '', stderr: 'npm error 405 Method Not Allowed' },
  })) {
    it(`calls nothing clean where ${what}`, () => {
      const audit = shippedAudit(run, locked, shipped);
      expect(auditText(audit)).to.contain('NOT AUDITED').and.to.contain('405 Method Not Allowed');
      expect(exitCodes[audit.kind]).to.equal(2);
    });
  }

  it('calls nothing clean where the answer is of a kind that it does not know', () => {
    const run = { code: 0, stdout: '{"auditReportVersion":3,"vulnerabilities":{}}', stderr: '' };
    expect(shippedAudit(run, locked, shipped).kind).to.equal('not-asked');
  });
});
