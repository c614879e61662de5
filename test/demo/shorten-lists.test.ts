import { expect } from 'chai';
import { shortenLists, shortenTable } from '../../demo/shorten-lists.ts';

const names = Array.from({ length: 60 }, (_, index) => `pc-${index + 1}.contoso.com`);

describe('shortenLists', () => {
  it('leaves of many hosts of which the same is said the first three, and counts the others', () => {
    const lines = ['release (60):', ...names.map((name) => `  ${name}: declared no more`), 'unchanged 140'];
    expect(shortenLists(lines)).to.deep.equal([
      'release (60):',
      '  pc-1.contoso.com: declared no more',
      '  pc-2.contoso.com: declared no more',
      '  pc-3.contoso.com: declared no more',
      '  … and 57 more',
      'unchanged 140',
    ]);
  });

  it('keeps a host of which something else is said', () => {
    const lines = names.map((name, index) => `  ${name}: ${index === 30 ? 'renewed' : 'isolated'}`);
    expect(shortenLists(lines)).to.include('  pc-31.contoso.com: renewed').and.to.have.length(9);
  });

  it('leaves of an enumeration within a reason the first three names', () => {
    expect(shortenLists([`60 hosts: ${names.join(', ')}: refused`])).to.deep.equal([
      '60 hosts: pc-1.contoso.com, pc-2.contoso.com, pc-3.contoso.com … and 57 more: refused',
    ]);
  });

  it('keeps what is short', () => {
    const lines = [...names.slice(0, 4).map((name) => `  ${name}: isolated`), names.slice(0, 8).join(', ')];
    expect(shortenLists(lines)).to.deep.equal(lines);
  });
});

describe('shortenTable', () => {
  const rows = (heading: string) => names.map((name) => `| ${heading} | ${name} |`);
  const text = ['120 hosts', '', '| | host |', '| - | - |', ...rows('RELEASED'), ...rows('in sync'), ''].join('\n');

  it('leaves of each kind of rows the first three, and all that is around the table', () => {
    expect(shortenTable(text, 80)).to.deep.equal([
      '120 hosts',
      '',
      '| | host |',
      '| - | - |',
      ...rows('RELEASED').slice(0, 3),
      '| … and 57 more',
      ...rows('in sync').slice(0, 3),
      '| … and 57 more',
    ]);
  });

  it('cuts rows where the screen ends, and nothing else', () => {
    const lines = shortenTable(`${'x'.repeat(40)}\n${text}`, 20);
    expect(lines[0]).to.equal('x'.repeat(40));
    expect(Math.max(...lines.slice(1).map((line) => line.length))).to.equal(20);
  });
});
