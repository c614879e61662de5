import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { shellEnvironment } from '../../demo/keep.ts';

describe('the environment that --keep leaves for a terminal', () => {
  it('sets what the demo uses and takes away what is the person’s own', () => {
    const own = { PATH: '/usr/bin:/bin', HOME: '/home/ana', AZURE_TENANT_ID: 'hers', AZURE_CLIENT_ID: 'hers' };
    const script = shellEnvironment(
      { PATH: '/elsewhere', HOME: '/home/ana', AZURE_TENANT_ID: 'simulated', PULUMI_HOME: "/tmp/it's here" },
      own,
    );
    const printed = execFileSync(
      '/bin/sh',
      ['-c', `${script}\nprintf '%s|' "$AZURE_TENANT_ID" "$AZURE_CLIENT_ID" "$PULUMI_HOME" "$HOME" "$PATH"`],
      { env: own, encoding: 'utf8' },
    );
    const [tenant, client, home, userHome, path] = printed.split('|');
    expect([tenant, client, home, userHome]).to.deep.equal(['simulated', '', "/tmp/it's here", '/home/ana']);
    expect(path).to.match(/:\/usr\/bin:\/bin$/);
  });
});
