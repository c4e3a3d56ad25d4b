/** What the embedded runtime is told about this machine. */
export interface EmbeddedOptions {
  /** Keeps programs and the fresh data directory from run to run. */
  readonly cacheDirectory: string;
  /** Where servers keep their data, instead of memory or the temporary directory. */
  readonly dataDirectory: string | undefined;
  /** A Redis or Valkey server to use instead of one that is found. */
  readonly redisBinary: string | undefined;
  /** Directories with programs, as in PATH. */
  readonly searchPath: string;
}
