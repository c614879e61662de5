import { expect } from 'chai';
import { defaultSettings } from '../../simulator/switches.ts';
import { checkedLimits, documentedLimits, Throttle } from '../../simulator/throttle.ts';

const minute = 60_000;
const hour = 60 * minute;

function admitted(throttle: Throttle, times: number, now: number, settings = defaultSettings()): number {
  let count = 0;
  for (let call = 0; call < times; call += 1) {
    if (throttle.admit('key', now, settings).kind === 'admitted') count += 1;
  }
  return count;
}

describe('the throttle', () => {
  it('admits a hundred calls in any minute', () => {
    const throttle = new Throttle();
    expect(admitted(throttle, 60, 0)).to.equal(60);
    expect(admitted(throttle, 60, 30_000)).to.equal(40);
    expect(admitted(throttle, 100, minute - 1)).to.equal(0);
    expect(admitted(throttle, 100, minute)).to.equal(60);
  });

  it('says how long until a call is free', () => {
    const throttle = new Throttle();
    admitted(throttle, 100, 0);
    expect(throttle.admit('key', 12_500, defaultSettings())).to.deep.equal({
      kind: 'refused',
      maximum: 100,
      window: '00:01:00',
      waitSeconds: 48,
    });
  });

  it('admits fifteen hundred calls in any hour', () => {
    const throttle = new Throttle();
    let count = 0;
    for (let turn = 0; turn < 20; turn += 1) count += admitted(throttle, 100, turn * minute);
    expect(count).to.equal(1500);
    expect(throttle.admit('key', 20 * minute, defaultSettings())).to.include({ kind: 'refused', window: '01:00:00' });
    expect(admitted(throttle, 200, hour)).to.equal(100);
  });

  it('counts each key for itself', () => {
    const throttle = new Throttle();
    admitted(throttle, 100, 0);
    expect(throttle.admit('another', 0, defaultSettings()).kind).to.equal('admitted');
  });

  it('with fixed windows starts anew at the full minute', () => {
    const settings = { ...defaultSettings(), throttleWindow: 'fixed' as const };
    const throttle = new Throttle();
    expect(admitted(throttle, 150, 59_000, settings)).to.equal(100);
    expect(throttle.admit('key', 59_000, settings)).to.include({ waitSeconds: 1 });
    expect(admitted(throttle, 150, 60_000, settings)).to.equal(100);
  });

  it('may count refused calls, so that knocking keeps the door shut', () => {
    const settings = { ...defaultSettings(), throttleCountsRejected: true };
    const throttle = new Throttle();
    admitted(throttle, 200, 0, settings);
    admitted(throttle, 100, 30_000, settings);
    expect(admitted(throttle, 1, minute + 1, settings)).to.equal(0);
    const patient = new Throttle();
    admitted(patient, 200, 0);
    admitted(patient, 100, 30_000);
    expect(admitted(patient, 1, minute + 1)).to.equal(1);
  });

  it('obeys other limits', () => {
    const throttle = new Throttle();
    throttle.limits = { ...documentedLimits, perMinute: 2, perHour: 3 };
    expect(admitted(throttle, 5, 0)).to.equal(2);
    expect(admitted(throttle, 5, minute)).to.equal(1);
  });

  it('obeys windows of other lengths, and names them as the service would', () => {
    const throttle = new Throttle();
    throttle.limits = { perMinute: 2, perHour: 3, minuteMs: 1_500, hourMs: 9_000 };
    expect(admitted(throttle, 5, 0)).to.equal(2);
    expect(throttle.admit('key', 1_499, defaultSettings())).to.include({ window: '00:00:01.5000000', waitSeconds: 1 });
    expect(admitted(throttle, 5, 1_500)).to.equal(1);
    expect(throttle.admit('key', 4_000, defaultSettings())).to.include({ window: '00:00:09', waitSeconds: 5 });
    expect(admitted(throttle, 5, 9_000)).to.equal(2);
  });

  it('takes only limits that it knows, and numbers for them', () => {
    expect(checkedLimits({ perMinute: 1, hourMs: 0.5 })).to.deep.equal({ perMinute: 1, hourMs: 0.5 });
    for (const wrong of [{ perSecond: 1 }, { perMinute: 0 }, { minuteMs: '3s' }, { hourMs: Number.NaN }]) {
      expect(() => checkedLimits(wrong)).to.throw(RangeError, Object.keys(wrong)[0]);
    }
  });
});
