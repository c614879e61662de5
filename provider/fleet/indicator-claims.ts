/** Which declaration of this run claims which file: a file has one FileIndicator (semantics 6.4). */
export class IndicatorClaims {
  readonly #byKey = new Map<string, string>();
  readonly #byValue = new Map<string, string>();
  readonly #unread = new Set<string>();

  /** Claims for `key`, replacing what it claimed before; answers the key of another claimant, and then claims nothing. */
  claim(key: string, indicatorValue: string): string | undefined {
    const other = this.#byValue.get(indicatorValue);
    if (other !== undefined && other !== key) return other;
    const before = this.#byKey.get(key);
    if (before !== undefined) this.#byValue.delete(before);
    this.#byKey.set(key, indicatorValue);
    this.#byValue.set(indicatorValue, key);
    return undefined;
  }

  claimantOf(indicatorValue: string): string | undefined {
    return this.#byValue.get(indicatorValue);
  }

  /** What this declaration means could not be read, or can be again: it may mean any file. */
  noteUnread(key: string, isUnread: boolean): void {
    if (isUnread) this.#unread.add(key);
    else this.#unread.delete(key);
  }

  unread(): readonly string[] {
    return [...this.#unread];
  }
}
