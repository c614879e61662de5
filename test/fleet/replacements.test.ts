import { expect } from 'chai';
import type { MachineId } from '../../provider/defender/machine.ts';
import { Replacements } from '../../provider/fleet/replacements.ts';

const a = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07' as MachineId;
const b = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378' as MachineId;

describe('Replacements', () => {
  it('semantics 6.4: a declaration holds what state or this run gave it, and nothing else', () => {
    const replacements = new Replacements();
    replacements.noteHeld('pc', a);
    expect(replacements.holds('pc', a)).to.equal(true);
    expect(replacements.holds('pc', b)).to.equal(false);
    expect(replacements.holds('other', a)).to.equal(false);
    // What waits for its deletion is read beside its successor, in any order.
    replacements.noteHeld('pc', b);
    expect(replacements.holds('pc', a)).to.equal(true);
  });

  it('semantics 6.4: one that awaits a replacement does so until it is known whom it means', () => {
    for (const becomeKnown of [
      (replacements: Replacements) => replacements.noteHeld('pc', a),
      (replacements: Replacements) => replacements.noteKnown('pc'),
    ]) {
      const replacements = new Replacements();
      expect(replacements.isAwaited('pc')).to.equal(false);
      replacements.noteAwaited('pc');
      expect(replacements.isAwaited('pc')).to.equal(true);
      becomeKnown(replacements);
      expect(replacements.isAwaited('pc')).to.equal(false);
    }
  });
});
