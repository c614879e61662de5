/** Set-up cannot go on; the message says what is missing and what the person can do. Shown without a stack. */
export class SetupFailure extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SetupFailure';
  }
}
