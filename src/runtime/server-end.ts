/** What is known of a server that has ended. */
export interface ServerEnd {
  /** In words, such as a signal or an exit code. */
  readonly how: string;
  /** Its last log lines. */
  readonly output: readonly string[];
}
