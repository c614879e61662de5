import { expect } from 'chai';
import fc from 'fast-check';
import { declaredByLine, declaredHost } from '../../../provider/resources/quarantine/declared-host.ts';
import { knownByLine, lineOfKnown } from '../../../provider/resources/quarantine/known-host.ts';

const id = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 40, maxLength: 40 })
  .map((all) => all.join(''));
const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}$/);
const text = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const declaration = fc
  .record({
    machineId: optional(id),
    deviceName: optional(name),
    comment: text,
    isolationType: fc.constantFrom('Full', 'Selective', 'UnManagedDevice'),
    restrictCodeExecution: fc.constantFrom(undefined, true),
    releaseAt: fc.constantFrom(undefined, '2026-12-01T08:00:00Z', '2026-12-01T08:00:00+02:00'),
    waitFor: fc.constantFrom('Succeeded', 'Submitted'),
    onDelete: fc.constantFrom('release', 'retain'),
    renewBefore: fc.constantFrom('96h', '1h30m'),
    takeOwnership: fc.constantFrom(undefined, true),
    releaseForeign: fc.constantFrom(undefined, true),
  })
  .filter(({ machineId, deviceName }) => machineId !== undefined || deviceName !== undefined)
  .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));

describe('the lines in which a Quarantine keeps its hosts', () => {
  it('tell a declaration whole, whatever its comment holds', () => {
    fc.assert(
      fc.property(declaration, (given) => {
        const host = declaredHost(given as never);
        expect(declaredByLine(host.key, host.line)).to.deep.equal(host);
      }),
    );
  });

  it('tell what is known of a host whole, whatever people and devices are called', () => {
    fc.assert(
      fc.property(
        declaration,
        id,
        optional(text),
        optional(text),
        fc.boolean(),
        (given, machineId, who, called, owned) => {
          const declared = declaredHost(given as never);
          const state = {
            state: 'isolated' as const,
            owned,
            coveredUntil: '2026-12-02T11:19:43Z',
            deviceName: called ?? declared.inputs.deviceName,
            machineId,
            isolationType: 'Full' as const,
            actionId: 'df22ecfb-a618-45bd-95ac-99ed657d037b',
            ...(owned || who === undefined ? {} : { requestor: who }),
          };
          const told = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
          const restriction = {
            state: 'releasing' as const,
            owned,
            isolatedAt: '2026-12-02T11:19:43Z',
            machineId,
            ...(owned || who === undefined ? {} : { requestor: who }),
          };
          const known = knownByLine(declared.key, lineOfKnown(told, declared, restriction), {});
          const { deviceName: _name, ...restricted } = known?.restriction ?? {};
          expect(restricted).to.deep.equal(restriction);
          expect(knownByLine(declared.key, lineOfKnown(told, declared), {})?.restriction).to.equal(undefined);
          expect(known?.declared).to.deep.equal(declared);
          expect(known?.machineId).to.equal(machineId);
          const { deviceName: same, ...rest } = known?.state ?? {};
          const { deviceName, ...expected } = told;
          expect(rest).to.deep.equal(expected);
          expect(same?.toLowerCase()).to.equal((deviceName as string | undefined)?.toLowerCase());
        },
      ),
    );
  });

  it('are told apart from anything else', () => {
    for (const line of ['', 'isolated', 'isolated, ours', 'Full', 'isolated, ours | nonsense', 'Half: x'])
      expect(knownByLine('pc', line, {}), line).to.equal(undefined);
  });
});
