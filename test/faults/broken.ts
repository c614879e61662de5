/** What must hold, whatever goes wrong. */
export const invariants = {
  I1: 'no release that the declaration did not ask for',
  I2: 'no isolate of a host that is not declared',
  I3: 'never two running requests of ours for one host and action',
  I4: 'preview and failed checks write nothing',
  I5: 'after faults stop, one up converges and the next is empty',
  I6: "what the state says was done is in the service's record, and the other way round",
  I7: 'no secret in state, logs, errors, comments, crash output',
  I8: 'an unknown or failed lookup never changes a host',
  I9: "no declared host's cover ends while a run before its earliest lift could have prevented it",
} as const;

export type Invariant = keyof typeof invariants;

/** An invariant that does not hold. */
export class Broken extends Error {
  constructor(invariant: Invariant, seen: string) {
    super(`${invariant} (${invariants[invariant]}): ${seen}`);
    this.name = 'Broken';
  }
}
