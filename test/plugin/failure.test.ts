import { expect } from 'chai';
import { InitFailed, toStatus } from '../../provider/plugin/failure.ts';
import { Redaction } from '../../provider/redaction.ts';
import { UserError } from '../../provider/resources/resource.ts';

const context = { redaction: new Redaction(), writes: true, stopped: false, packageName: 'mde' };
const failed = (bytes: number, reasons: readonly string[]) =>
  toStatus(new InitFailed({ id: 'dev/fleet', properties: new Uint8Array(bytes), reasons }), context);
const sizeOf = ({ details = '', metadata }: ReturnType<typeof toStatus>) =>
  Buffer.byteLength(details) + Math.ceil((metadata?.get('grpc-status-details-bin')[0]?.length ?? 0) / 3) * 4;

describe('the size of an answer that tells of a failure', () => {
  it('keeps what is known of a hundred hosts', () => {
    const status = failed(28_000, ['NOT CONTAINED: pc-7: its isolation ended Failed']);
    expect(status.metadata?.get('grpc-status-details-bin')).to.have.length(1);
    expect(status.details).to.equal('NOT CONTAINED: pc-7: its isolation ended Failed');
  });

  it('is never more than arrives: beyond that the reasons are told, and that the next run goes on', () => {
    const status = failed(3_000_000, ['NOT CONTAINED: pc-7: its isolation ended Failed']);
    expect(status.metadata).to.equal(undefined);
    expect(status.details).to.match(/^NOT CONTAINED: pc-7/);
    expect(status.details).to.contain('Nothing is lost and nothing is released: run again');
  });

  it('holds for outputs and texts of any size', () => {
    for (const bytes of [0, 20_000, 39_000, 42_000, 60_000])
      for (const characters of [10, 10_000, 200_000])
        expect(sizeOf(failed(bytes, ['é'.repeat(characters)])), `${bytes}, ${characters}`).to.be.lessThan(64 * 1024);
    const refused = toStatus(new UserError('x'.repeat(1_000_000)), context);
    expect(sizeOf(refused)).to.be.lessThan(20_000);
    expect(refused.details).to.match(/and \d+ characters more$/);
  });
});
