import { expect } from 'chai';
import fc from 'fast-check';
import { jsonText, shown } from '../../cli/safe-text.ts';
import { codeSpan, table } from '../../cli/table.ts';

const hostile = [
  '\u001b[2J\u001b[31mred\u0007',
  'a\r\nb\u2028c',
  '\u202egnp.exe\u2066',
  'a\u061cb',
  '##vso[task.setvariable variable=x]y',
  'x ###vso[a]',
  '##[error]z',
  '::error::no',
  '\n::set-output name=a::b',
  'a|b\\|c\\',
  '`code` **bold** <b>x</b> @team #12 ![x](http://evil/x.png)',
  '%0A%0D',
];

describe('texts of others', () => {
  it('are one line without control characters, reordering marks or commands of a pipeline', () => {
    for (const text of hostile) {
      const line = shown(text);
      expect(line, text).not.to.match(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      expect(line, text).not.to.match(/##vso\[|##\[|^::/i);
    }
    expect(shown('laptop-7.contoso.com')).to.equal('laptop-7.contoso.com');
    expect(shown('Zoë 测试')).to.equal('Zoë 测试');
  });

  it('are cut where they are too long, and say so', () => {
    expect(shown('abcdef', 4)).to.equal('abc…');
    expect(shown('abcd', 4)).to.equal('abcd');
    expect(shown('😀😀😀', 2)).to.equal('😀…');
  });

  it('make JSON that is read back as it was, and acts on no terminal and in no log', () => {
    for (const text of hostile) {
      const json = jsonText({ text });
      expect(JSON.parse(json)).to.deep.equal({ text });
      expect(json.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      expect(json).not.to.match(/##vso\[|##\[|^\s*::/im);
    }
  });
});

describe('tables', () => {
  const formats = ['text', 'markdown'] as const;

  it('have as many cells in every row, whatever the cells hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...hostile), fc.stringMatching(/^[|\\` ]{0,8}$/)), {
          minLength: 3,
          maxLength: 3,
        }),
        (cells) => {
          for (const format of formats) {
            const [, , row = '', ...more] = table(['a', 'b', 'c'], [cells], format).split('\n');
            expect(more).to.deep.equal([]);
            expect(cellsOfGfm(row)).to.equal(3);
          }
        },
      ),
    );
  });

  it('are made of cells of any length: what a service says of a name takes no minutes to show', () => {
    for (const unit of ['\\', 'x', ' |', '\\|', '`']) {
      const long = unit.repeat(200_000 / unit.length);
      const before = process.cpuUsage();
      for (const format of formats)
        expect(
          table(
            ['a', 'b'],
            [
              [long, long],
              ['x', 'y'],
            ],
            format,
          ).split('\n'),
        ).to.have.length(4);
      const { user } = process.cpuUsage(before);
      expect(user / 1_000, `ms for ${unit}`).to.be.below(2_000);
    }
  });

  it('end each line with its last cell, without the padding to the longest', () => {
    const lines = table(
      ['a', 'b'],
      [
        ['x', 'long sentence | of \\| words'],
        ['y', 'short'],
      ],
      'text',
    ).split('\n');
    expect(lines).to.deep.equal([
      '| a | b |',
      '| - | --- |',
      '| x | long sentence \\| of \\ \\| words |',
      '| y | short |',
    ]);
  });

  it('show what others wrote as code in Markdown, so that nothing of it is rendered', () => {
    expect(codeSpan('@team **x** <img>')).to.equal('`@team **x** <img>`');
    expect(codeSpan('a`b')).to.equal("`a'b`");
    expect(codeSpan('a|b')).to.equal('`a\\|b`');
    expect(codeSpan('')).to.equal('');
    expect(table(['h'], [[{ own: '**BAD**' }], ['**x**']], 'markdown'))
      .to.contain('**BAD**')
      .and.to.contain('`**x**`');
  });
});

/** Cells of a table row as GitHub's parser counts them: a backslash takes the next sign's force away. */
function cellsOfGfm(row: string): number {
  let bars = 0;
  for (let at = 0; at < row.length; at += 1) {
    if (row[at] === '\\' && /[!-/:-@[-`{-~]/.test(row[at + 1] ?? '')) at += 1;
    else if (row[at] === '|') bars += 1;
  }
  return bars - 1;
}
