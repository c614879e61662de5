/**
 * Marks the errors that are meant for people. Bundled files may each hold a copy of these classes, and `instanceof` does
 * not hold between copies; a registered symbol does.
 */
export const errorKind: unique symbol = Symbol.for('pulumi-mde.error-kind') as never;

/** A refusal or failure in a person's words, with what to do next. Shown without a stack. */
export class UserError extends Error {
  readonly [errorKind]: 'user' | 'missing-configuration' = 'user';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UserError';
  }
}
