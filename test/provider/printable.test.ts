import { assert } from 'chai';
import { printable, printableLine, withoutCommands } from '../../provider/printable.ts';

describe('what a terminal shows', () => {
  it('keeps lines and letters and loses what repaints or reorders', () => {
    assert.equal(printable('a\r\nb\rc\td\u2028e'), 'a\nb\nc\td\ne');
    assert.equal(printable('\u001b[2J\u001b[31mred\u001b[0m\u0007\u009b\u202e\u2066x\u200f\ufeff'), 'redx');
    assert.equal(printable('Müller, 東京 👩‍💻'), 'Müller, 東京 👩‍💻');
    assert.equal(printableLine(' a\n b\t\tc '), 'a b c');
  });

  it('holds no command of a pipeline, in whichever of its lines', () => {
    const table = [
      ['##vso[task.complete result=Failed]', '# #vso[task.complete result=Failed]'],
      ['a ###VSO[x]\n##[error]', 'a ## #VSO[x]\n# #[error]'],
      ['::error::x\n \u00a0::set-output name=a::b\n\t::x', ': :error::x\n \u00a0: :set-output name=a::b\n\t: :x'],
      ['urn:pulumi:dev::soc::mde:index:Quarantine::q', 'urn:pulumi:dev::soc::mde:index:Quarantine::q'],
      ['INC-1 ## heading # 1', 'INC-1 ## heading # 1'],
    ];
    for (const [text = '', safe] of table) {
      assert.equal(withoutCommands(text), safe);
      assert.equal(withoutCommands(withoutCommands(text)), safe);
    }
    // Signs that are taken out join nothing into a command.
    assert.equal(withoutCommands(printable('#\u0000#\u202evso[x]\n\u200f::x')), '# #vso[x]\n: :x');
  });
});
