import { expect } from 'chai';
import { byReason } from '../../../provider/resources/quarantine/told.ts';

const id = (number: number) => number.toString(16).padStart(40, '0');
const action = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
const names = (count: number) => Array.from({ length: count }, (_, at) => `pc-${at}.contoso.com`);

describe('what the hosts of a Quarantine say, gathered', () => {
  it('semantics 9: tells a reason once, with all hosts that met it, whichever machine and request it was', () => {
    const failures = names(60).flatMap((host, at) => [
      {
        host,
        reason: `NOT CONTAINED YET: ${host} (${id(at)}): the isolation request ${action(at)} of pulumi-mde is Pending. Run again`,
      },
      { host, reason: `NOT CONTAINED: ${host} (${id(at)}): its time-out was over. Run again` },
    ]);
    expect(byReason(failures)).to.deep.equal([
      `NOT CONTAINED YET: 60 hosts: ${names(60).join(', ')}: the isolation request of pulumi-mde is Pending. Run again`,
      `NOT CONTAINED: 60 hosts: ${names(60).join(', ')}: its time-out was over. Run again`,
    ]);
  });

  it('semantics 9: of equal reasons with ids to quote to the support, tells the first id', () => {
    const failures = names(2).map((host, at) => ({
      host,
      reason: `NOT CONTAINED: ${host} (${id(at)}): HTTP 500 (correlation id ${action(at)}). Try again later; if it stays, quote ${action(at)} to Microsoft's support.`,
    }));
    expect(byReason(failures)).to.deep.equal([
      `NOT CONTAINED: 2 hosts: pc-0.contoso.com, pc-1.contoso.com: HTTP 500 (correlation id ${action(0)}). Try again later; if it stays, quote ${action(0)} to Microsoft's support.`,
    ]);
  });

  it('tells the reason of one host whole', () => {
    const reason = `NOT CONTAINED: pc-0.contoso.com (${id(0)}): the isolation request ${action(0)} ended Failed`;
    expect(byReason([{ host: 'pc-0.contoso.com', reason }])).to.deep.equal([reason]);
    expect(byReason([{ host: id(1), reason: 'there is no such machine' }])).to.deep.equal([
      `${id(1)}: there is no such machine`,
    ]);
  });

  it('keeps apart what differs, and takes no property for a host', () => {
    const failures = ['pc-0', 'pc-1'].map((host) => ({
      host,
      reason: `deviceName: no machine is named ${host}`,
    }));
    expect(byReason(failures)).to.deep.equal(failures.map(({ reason }) => reason));
    const same = ['pc-0', 'pc-1'].map((host) => ({ host, reason: 'deviceName: it is ambiguous' }));
    expect(byReason(same)).to.deep.equal(['2 hosts: pc-0, pc-1: deviceName: it is ambiguous']);
  });

  it('names a hundred hosts of a reason at most, and two hundred reasons, and counts the rest', () => {
    const many = names(150).map((host, at) => ({ host, reason: `NOT CONTAINED: ${host} (${id(at)}): it is gone` }));
    expect(byReason(many).join())
      .to.include('NOT CONTAINED: 150 hosts: pc-0.contoso.com')
      .and.to.include('and 50 more: it is gone');
    const apart = names(250).map((host, at) => ({ host, reason: `reason ${at}` }));
    expect(byReason(apart)).to.have.length(201);
    expect(byReason(apart).at(-1)).to.equal('… and 50 more');
  });
});
