import { expect } from 'chai';
import { shorten } from '../../demo/shorten.ts';

const message = 'isolated pc-7.contoso.com; containment is certain until 2026-11-29 01:04 UTC';

const repair = `Updating (dev):

 ~  mde:index:MachineIsolation pc7 refreshing (0s)${' '}
 ~  mde:index:MachineIsolation pc7 refresh (0.45s) [diff: ~state]
 ~  mde:index:MachineIsolation pc7 updating (0s) [diff: ~state]
@ updating......
 ~  mde:index:MachineIsolation pc7 updated (2s) [diff: ~state]; ${message}
    pulumi:pulumi:Stack containment-dev  1 message
Diagnostics:
  mde:index:MachineIsolation (pc7):
    ${message}

Outputs:
    coveredUntil: [unknown]
    state       : "isolated"

Resources:
    ~ 1 updated
    1 unchanged

Duration: 5s
`;

describe('shorten', () => {
  it('leaves of each resource its last row, without the message that stands under Diagnostics', () => {
    expect(shorten(repair)).to.deep.equal([
      'Updating (dev):',
      ' ~  mde:index:MachineIsolation pc7 updated (2s) [diff: ~state]',
      'Diagnostics:',
      '  mde:index:MachineIsolation (pc7):',
      `    ${message}`,
      'Outputs:',
      '    state       : "isolated"',
      'Resources:',
      '    ~ 1 updated',
      '    1 unchanged',
    ]);
  });

  it('keeps a message that stands nowhere else', () => {
    const row = ' +  mde:index:MachineIsolation pc7 create would isolate pc-7.contoso.com';
    expect(shorten(`Previewing update (dev):\n\n${row}\n`)).to.deep.equal(['Previewing update (dev):', row]);
  });

  it('keeps the rows of a replacement, and those without a mark', () => {
    const rows = [' ++ mde:index:MachineIsolation pc7 created replacement (2s)', '    mde:index:MachineIsolation pc8'];
    expect(shorten(rows.join('\n'))).to.deep.equal(rows);
  });

  it('keeps what is no row at all', () => {
    expect(shorten('error: no stack selected\n')).to.deep.equal(['error: no stack selected']);
  });
});
