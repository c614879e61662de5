/** Where a stack's state lies, beyond one machine. */
export interface StateStore {
  /** For PULUMI_BACKEND_URL. */
  readonly url: string;
  /** What a sign-in to it gives to those who may write. */
  readonly env: Readonly<Record<string, string>>;
  /** The same for those who may read and no more, where the store knows such. */
  readonly readingEnv?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}
