import { expect } from 'chai';
import fc from 'fast-check';
import {
  carriesMark,
  carriesMarkOfStack,
  declaredIn,
  isMarked,
  type MarkSource,
  markedComment,
  markOf,
} from '../../provider/containment/mark.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import { machineId, source } from './actions.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.constantFrom(': ', '[mde:', '😀'.repeat(300), 'a\ud83d', '\ude00b'),
);
const sources: fc.Arbitrary<MarkSource> = fc.record({
  project: text,
  stack: text,
  name: text,
  machineId: fc.constant(machineId),
  ownerKey: fc.option(text, { nil: undefined }),
});

describe('the mark of a request', () => {
  it('semantics 3.1: is [mde: and 16 hex digits]', () => {
    expect(markOf(source)).to.match(/^\[mde:[0-9a-f]{16}\]$/);
  });
  it('semantics 3.1: is derived from project, stack, name, machine and owner key, each on its own', () => {
    const other = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378' as MachineId;
    const marks = [
      source,
      { ...source, project: 'p' },
      { ...source, stack: 's' },
      { ...source, name: 'n' },
      { ...source, machineId: other },
      { ...source, ownerKey: 'k' },
      { ...source, project: 'a', stack: 'bc' },
      { ...source, project: 'ab', stack: 'c' },
    ].map(markOf);
    expect(new Set(marks)).to.have.property('size', marks.length);
    expect(markOf({ ...source })).to.equal(markOf(source));
  });
  it('semantics 3.1: comes first, then stack and resource, then the declared comment', () => {
    expect(markedComment(source, 'INC-4711 ransomware')).to.equal(
      `${markOf(source)} prod/laptop-7: INC-4711 ransomware`,
    );
    expect(markedComment(source, 'INC-4711', 'SOC: ')).to.equal(`${markOf(source)} prod/laptop-7: SOC: INC-4711`);
  });
  it('semantics 3.1: survives any comment, any name and the cut, as one safe line', () => {
    fc.assert(
      fc.property(sources, text, text, (from, comment, prefix) => {
        const sent = markedComment(from, comment, prefix);
        expect(carriesMark(sent, markOf(from))).to.equal(true);
        expect(carriesMarkOfStack(sent, from)).to.equal(true);
        expect(sent.length).to.be.at.most(500);
        expect(sent.isWellFormed(), 'no half of a surrogate pair').to.equal(true);
        expect(sent).to.not.match(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
  it('semantics 3.1: a comment cannot forge another mark, for only the first counts', () => {
    const forged = markedComment({ ...source, name: 'evil' }, `${markOf(source)} prod/laptop-7: mine`);
    expect(carriesMark(forged, markOf(source))).to.equal(false);
  });
  it('semantics 3.4: under an earlier name it is found by the name that the comment tells, and proven by it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_:./ -]{1,40}$/), (name) => {
        fc.pre(name.trim() === name && name.split(': ').length <= 8);
        const sent = markedComment({ ...source, name }, 'INC-1: again');
        expect(carriesMarkOfStack(sent, source)).to.equal(true);
        expect(carriesMarkOfStack(sent, { ...source, stack: 'dev' })).to.equal(false);
        expect(carriesMarkOfStack(sent, { ...source, project: 'other' })).to.equal(false);
      }),
    );
  });
  it('semantics 3.4: a name that does not derive the mark is foreign', () => {
    const altered = markedComment({ ...source, name: 'a' }, 'x').replace('prod/a', 'prod/b');
    expect(carriesMarkOfStack(altered, source)).to.equal(false);
    expect(carriesMarkOfStack('', source)).to.equal(false);
    expect(carriesMarkOfStack(markOf({ ...source, name: 'a' }), source)).to.equal(false);
  });
  it('tells from the comment of a request where it was declared, which only a mark makes believable', () => {
    const declared = { ...source, stack: 'prod', name: 'pc/1' };
    expect(declaredIn(markedComment(declared, 'INC-1: a reason'))).to.deep.equal({ stack: 'prod', resource: 'pc/1' });
    for (const comment of ['prod/pc: by hand', '', 'see [mde:0123456789abcdef] prod/pc: x', '[mde:0123] prod/pc: x'])
      expect(declaredIn(comment), comment).to.deep.equal({});
  });
  it('semantics 3.2: counts only on requests over the API', () => {
    const requestorComment = markedComment(source, 'INC-1');
    expect(isMarked({ requestorComment, requestSource: 'PublicApi' })).to.equal(true);
    expect(isMarked({ requestorComment, requestSource: 'Portal' })).to.equal(false);
    expect(isMarked({ requestorComment: 'INC-1', requestSource: 'PublicApi' })).to.equal(false);
  });
});
