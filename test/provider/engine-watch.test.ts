import { assert } from 'chai';
import { engineWatcher, missesAllowed, watchEngine } from '../../provider/engine-watch.ts';

describe('the watch on the engine', () => {
  const watch = (parents: readonly number[], reachable: readonly (boolean | undefined)[]) => {
    let look = 0;
    const at = <T>(list: readonly T[]) => list[Math.min(look, list.length - 1)] as T;
    const isGone = engineWatcher({ parentId: () => at(parents), reachable: () => at(reachable) });
    return (looks: number) => {
      for (let i = 0; i < looks; i++) {
        look++;
        if (isGone()) return look;
      }
      return undefined;
    };
  };

  it('sees at the first look that the parent changed', () => {
    assert.equal(watch([10, 10, 1], [true])(5), 2);
  });

  it('takes a connection for lost only after several looks in a row', () => {
    assert.equal(watch([10], [true, false])(100), missesAllowed + 1);
    const flaky = Array.from({ length: 100 }, (_, i) => i % missesAllowed !== 0);
    assert.isUndefined(watch([10], flaky)(100));
  });

  it('looks at the parent alone where no engine was named, also where that is process 1', () => {
    assert.isUndefined(watch([1], [undefined])(100));
  });

  it('hears at once that the other end of standard input was closed, and says so once', () => {
    let close: () => void = () => undefined;
    let listening = true;
    const onInputEnd = (ended: () => void) => {
      close = ended;
      return () => {
        listening = false;
      };
    };
    let told = 0;
    watchEngine({ parentId: () => 10, reachable: () => true, onInputEnd }, () => told++);
    assert.equal(told, 0);
    close();
    close();
    assert.equal(told, 1);
    assert.isFalse(listening);
  });

  it('says nothing once it was ended', () => {
    let close: () => void = () => undefined;
    const onInputEnd = (ended: () => void) => {
      close = ended;
      return () => undefined;
    };
    const end = watchEngine({ parentId: () => 10, reachable: () => true, onInputEnd }, () => assert.fail('told'));
    end();
    close();
  });
});
