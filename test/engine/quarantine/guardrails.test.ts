import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { all, type Fleet, fromManifest, makeFleet } from './fleet.ts';

describe('semantics 8: guardrails of a Quarantine, on the real engine', () => {
  let fleet: Fleet;
  let hosts: readonly string[];
  let added: string;
  let override: string;

  const isolated = () => hosts.filter((host) => fleet.isIsolated(host)).length;
  const printed = (text: string) => /allowReleases: "(\d+-[0-9a-f]{8})"/.exec(text)?.[1] ?? '';

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(10);
    [added = ''] = fleet.addHosts(1, 'new');
    fleet.declare({ fleet: fromManifest() });
    fleet.write(hosts);
    succeeded(await fleet.up());
    expect(isolated()).to.equal(10);
  });
  after(() => fleet.end());

  it('semantics 8.1, 8.5: preview refuses the release of many: it fails, names them, and prints the override', async () => {
    fleet.write([...hosts.slice(0, 4), added]);
    const text = failed(await fleet.preview());
    override = printed(text);
    expect(override, text).to.match(/^6-/);
    tells(
      text,
      `6 hosts: ${hosts.slice(4).join(', ')}: this run would release 6 hosts, the guardrails allow 2`,
      `guardrails: { allowReleases: "${override}" } in the manifest, or pulumi config set mde:allowReleases ${override}`,
      'new-00.contoso.com: it is not isolated',
    );
    expect(fleet.writes()).to.equal(10);
  });

  it('semantics 8.5: `up --skip-preview` isolates the added host, releases none, and ends non-zero', async () => {
    const text = failed(await fleet.up());
    tells(text, 'this run would release 6 hosts', 'release refused or put off (6)', 'isolated: 1 (new-00.contoso.com)');
    expect(fleet.isIsolated(added)).to.equal(true);
    expect(fleet.unisolates()).to.have.length(0);
    expect(fleet.writes()).to.equal(11);
    const { fleet: set } = await fleet.sets();
    expect(set?.states).to.deep.equal(all([...hosts, added], 'isolated'));
  });

  it('semantics 8.6: under releases: hold the run ends well, lists them, and releases nobody', async () => {
    fleet.declare({ fleet: fromManifest() }, { releases: 'hold' });
    const text = succeeded(await fleet.up());
    tells(text, 'release refused or put off (6)', 'releases is hold');
    expect(fleet.writes()).to.equal(11);
    const { fleet: set } = await fleet.sets();
    expect(set?.states).to.deep.equal(all([...hosts, added], 'isolated'));
    fleet.declare({ fleet: fromManifest() });
  });

  it('semantics 8.3: an empty list is refused even where the limits are wide; an absent one is an error', async () => {
    fleet.declare({ fleet: fromManifest() }, { guardrails: { maxReleases: 100, maxReleasePercent: 100 } });
    fleet.write([]);
    tells(failed(await fleet.preview()), 'this run would release 11 hosts');
    fleet.declare({ fleet: { type: 'mde:index:Quarantine', properties: {} } });
    tells(failed(await fleet.up()), 'either manifest', 'both are missing', 'Nothing was released');
    expect(fleet.writes()).to.equal(11);
    fleet.declare({ fleet: fromManifest() });
  });

  it('semantics 8.4: the override of another set of hosts is ignored with a warning', async () => {
    fleet.write([...hosts.slice(0, 3), added], { guardrails: { allowReleases: override } });
    const text = failed(await fleet.up());
    tells(text, 'this run would release 7 hosts', /allowReleases.* does not fit/);
    expect(fleet.writes()).to.equal(11);
  });

  it('semantics 8.4: with the printed override in the manifest the same set goes through', async () => {
    fleet.write([...hosts.slice(0, 4), added], { guardrails: { allowReleases: override } });
    const text = succeeded(await fleet.up());
    tells(text, 'released: 6 (');
    expect(isolated()).to.equal(4);
    expect(fleet.unisolates()).to.have.length(6);
    const { fleet: set } = await fleet.sets();
    expect(set?.states).to.deep.equal(all([...hosts.slice(0, 4), added], 'isolated'));
  });

  it('semantics 8.4: destroy is refused with the override for the configuration, which lets it through', async () => {
    // The manifest's own override was for other hosts, and does not apply here.
    const text = failed(await fleet.destroy());
    override = /pulumi config set mde:allowReleases (\d+-[0-9a-f]{8})/.exec(text)?.[1] ?? '';
    expect(override, text).to.match(/^5-/);
    expect(isolated()).to.equal(4);
    expect(Object.keys((await fleet.sets()).fleet?.states ?? {})).to.have.length(5);
    succeeded(await fleet.pulumi(['config', 'set', 'mde:allowReleases', override]));
    tells(succeeded(await fleet.destroy()), 'released: 5 (');
    expect(isolated()).to.equal(0);
    expect(await fleet.sets()).to.deep.equal({});
  });
});
