import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { type Fleet, inline, makeFleet } from '../quarantine/fleet.ts';
import type { Declared } from '../world.ts';

/** Each kind of resource that holds hosts, over one host. */
const kinds: Readonly<Record<string, (host: string) => Declared>> = {
  single: (deviceName) => ({ properties: { deviceName, comment: 'INC-1' } }),
  set: (host) => inline([host]),
};

/** What the engine lets a program say about the end of a resource: whether it stays in state. */
const options: Readonly<Record<string, { readonly option: Record<string, unknown>; readonly stays: boolean }>> = {
  protected: { option: { protect: true }, stays: true },
  retained: { option: { retainOnDelete: true }, stays: false },
  together: { option: { deletedWith: `\${anchor}` }, stays: false },
};

describe('protect, retainOnDelete and deletedWith, on the real engine', () => {
  let fleet: Fleet;
  let declared: Readonly<Record<string, Declared>>;
  let staying: readonly string[];
  const inState = async () => [...Object.keys(await fleet.state()), ...Object.keys(await fleet.sets())].sort();

  before(async () => {
    fleet = await makeFleet();
    const [anchor = '', ...hosts] = fleet.addHosts(7);
    const rows = Object.entries(options).flatMap(([name, { option, stays }]) =>
      Object.entries(kinds).map(([kind, of]) => ({ name: `${name}-${kind}`, option, stays, of })),
    );
    declared = {
      anchor: { properties: { deviceName: anchor, comment: 'INC-1' }, options: { retainOnDelete: true } },
      ...Object.fromEntries(
        rows.map(({ name, option, of }, at) => [name, { ...of(hosts[at] ?? ''), options: option }]),
      ),
    };
    staying = rows.filter(({ stays }) => stays).map(({ name }) => name);
    fleet.declare(declared);
    succeeded(await fleet.up());
    expect(fleet.isolates()).to.have.length(7);
  });
  after(() => fleet.end());

  it('none of them releases anybody when the stack is destroyed; what is protected stays in state', async () => {
    const sent = fleet.writes();
    const text = failed(await fleet.destroy('--continue-on-error'));
    tells(text, 'cannot be deleted', 'because it is protected');
    expect(fleet.writes()).to.equal(sent);
    expect(await inState()).to.deep.equal([...staying].sort());
    for (const { machineId } of fleet.isolates()) expect(fleet.isIsolated(machineId), machineId).to.equal(true);
  });

  it('semantics 3.4: what was left isolated is found again by its mark when it is declared again, and is ours', async () => {
    const sent = fleet.writes();
    fleet.declare(declared);
    succeeded(await fleet.up());
    expect(fleet.writes()).to.equal(sent);
    for (const outputs of Object.values(await fleet.state())) expect(outputs).to.include({ owned: true });
  });

  it('a merge that loses a protected resource is refused before anything is sent', async () => {
    const sent = fleet.writes();
    const left = Object.entries(declared).filter(([name]) => !staying.includes(name));
    fleet.declare(Object.fromEntries(left));
    tells(failed(await fleet.preview()), 'because it is protected');
    tells(failed(await fleet.up()), 'because it is protected');
    expect(fleet.writes()).to.equal(sent);
  });
});
