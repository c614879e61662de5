import { expect } from 'chai';
import type { Bench } from '../../bench/bench.ts';
import { type BenchPorts, runBenches } from '../../bench/run-benches.ts';
import { fakeBench } from './fake-bench.ts';

describe('npm run bench', () => {
  let ran: string[];
  let benches: readonly Bench[];

  beforeEach(() => {
    ran = [];
    benches = [
      fakeBench('start', [{ size: 1, ms: 20.5 }], ran),
      fakeBench(
        'refresh',
        [
          { size: 100, ms: 1 },
          { size: 1000, ms: 2 },
        ],
        ran,
      ),
    ];
  });

  async function bench(args: readonly string[], ports: Partial<BenchPorts> = {}) {
    let stdout = '';
    let stderr = '';
    let prepared = 0;
    const code = await runBenches(args, benches, {
      root: '/nowhere',
      signal: new AbortController().signal,
      print: (text) => {
        stdout += text;
      },
      say: (text) => {
        stderr += text;
      },
      prepare: async () => {
        prepared += 1;
      },
      ...ports,
    });
    return { code, stdout, stderr, prepared };
  }

  it('--json prints one object a line, each with its name, and nothing else on stdout', async () => {
    const { code, stdout, prepared } = await bench(['--json']);
    expect(code).to.equal(0);
    expect(prepared).to.equal(1);
    expect(stdout.endsWith('\n')).to.equal(true);
    expect(stdout.trimEnd().split('\n')).to.deep.equal([
      '{"name":"start","size":1,"ms":20.5}',
      '{"name":"refresh","size":100,"ms":1}',
      '{"name":"refresh","size":1000,"ms":2}',
    ]);
  });

  it('tells how far it is on stderr', async () => {
    const { stdout, stderr } = await bench(['--json', 'start']);
    expect(stderr).to.equal('start: under way\n');
    expect(stdout).not.to.include('under way');
  });

  it('runs only the benches that are named, each once', async () => {
    await bench(['refresh']);
    expect(ran).to.deep.equal(['refresh']);
    ran.length = 0;
    await bench(['refresh', '--json', 'start', 'refresh']);
    expect(ran).to.deep.equal(['start', 'refresh']);
  });

  it('without --json prints a table with what each number means', async () => {
    const { code, stdout } = await bench(['refresh']);
    expect(code).to.equal(0);
    expect(stdout.trimEnd().split('\n')).to.deep.equal([
      'refresh',
      '  size  ms',
      '   100   1',
      '  1000   2',
      '',
      '  size: how many there were',
      '  ms: how long it took',
    ]);
  });

  for (const { args, says } of [
    { args: ['startt'], says: 'there is no bench named startt; there are: start, refresh' },
    { args: ['--json', 'start', 'nothing'], says: 'there is no bench named nothing' },
    { args: ['--jsn'], says: '--jsn' },
    { args: ['--json=yes'], says: '--json' },
  ]) {
    it(`${args.join(' ')}: says what is wrong, exit code 2, and measures nothing`, async () => {
      const { code, stdout, stderr, prepared } = await bench(args);
      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.include(says).and.to.include('--help');
      expect([prepared, ran]).to.deep.equal([0, []]);
    });
  }

  it('--help tells the benches and their measures, and measures nothing', async () => {
    const { code, stdout, prepared } = await bench(['--help', 'start']);
    expect(code).to.equal(0);
    expect(stdout).to.include('start: what start is for').and.to.include('ms: how long it took');
    expect([prepared, ran]).to.deep.equal([0, []]);
  });

  it('a bench that fails says why, keeps what it measured, does not stop the others, and ends in exit code 1', async () => {
    benches = [
      fakeBench('broken', [{ size: 1, ms: 1 }, new Error('the refresh reported a change')], ran),
      fakeBench('sound', [{ size: 2, ms: 2 }], ran),
    ];
    const { code, stdout, stderr } = await bench(['--json']);
    expect(code).to.equal(1);
    expect(stderr).to.include('broken failed: the refresh reported a change\n');
    expect(stderr).not.to.include(' at ');
    expect(stdout).to.equal('{"name":"broken","size":1,"ms":1}\n{"name":"sound","size":2,"ms":2}\n');
  });

  it('what cannot be built is not measured', async () => {
    const { code, stdout, stderr } = await bench(['--json'], {
      prepare: () => Promise.reject(new Error('the build failed')),
    });
    expect([code, stdout, ran]).to.deep.equal([1, '', []]);
    expect(stderr).to.equal('the build failed\n');
  });

  it('after Ctrl-C nothing more is measured: exit code 130', async () => {
    const interruption = new AbortController();
    benches = [
      {
        ...fakeBench('long', []),
        // biome-ignore lint/correctness/useYield: it never gets so far
        async *run({ signal }) {
          interruption.abort();
          signal.throwIfAborted();
        },
      },
      fakeBench('next', [], ran),
    ];
    const { code, stdout } = await bench([], { signal: interruption.signal });
    expect([code, stdout, ran]).to.deep.equal([130, '', []]);
  });
});
