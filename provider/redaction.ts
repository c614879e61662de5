import { withheld, withoutCredentials } from './defender/credential-shapes.ts';
import { printable, withoutCommands } from './printable.ts';

/** Shorter texts are no secrets, and taking them out of every message would leave nothing to read. */
const shortest = 6;

/** Every secret this process has been given, so that none leaves it in a message; nor does what looks like one. */
export class Redaction {
  #known = new Set<string>();

  add(secret: unknown): void {
    if (typeof secret === 'string' && secret.length >= shortest) {
      this.#known.add(secret);
    } else if (Array.isArray(secret)) {
      for (const item of secret) this.add(item);
    } else if (typeof secret === 'object' && secret !== null) {
      for (const item of Object.values(secret)) this.add(item);
    }
  }

  /**
   * The text without any known secret, be it written plainly, as in a URL or form, or as in JSON, and without what looks
   * like a credential: tokens are given out while we run.
   */
  redact(text: string): string {
    let clean = text;
    for (const secret of [...this.#known].sort((a, b) => b.length - a.length)) {
      for (const form of new Set([
        secret,
        encodeURIComponent(secret.toWellFormed()),
        JSON.stringify(secret).slice(1, -1),
      ])) {
        clean = clean.replaceAll(form, withheld);
      }
    }
    return withoutCredentials(clean);
  }

  /** The text as it may be shown: without secrets, and without what a terminal or a pipeline's log would act on. */
  presentable(text: string): string {
    return withoutCommands(printable(this.redact(text)));
  }

  /** Whether the text holds a secret. */
  touches(text: string): boolean {
    for (const secret of this.#known) if (text.includes(secret)) return true;
    return false;
  }
}
