/** The programs that speak Redis's protocol and that Mayfly knows how to run. */
export type RedisFlavour = 'redis' | 'valkey';

/** A server program that was run with `--version` and answered. */
export interface RedisBinary {
  /** Absolute, symbolic links not followed: Debian's `redis-server` is a link to a program that looks at its own name. */
  readonly executable: string;
  /** The directories, joined by colons, that `LD_LIBRARY_PATH` must hold; `undefined` when the system has everything. */
  readonly libraryPath: string | undefined;
  readonly flavour: RedisFlavour;
  /** Three numbers, such as `7.0.15`. */
  readonly version: string;
  readonly source: 'configured' | 'path' | 'cache' | 'downloaded';
}

/** Where to look, and whom to tell. */
export interface FindRedisOptions {
  /** The value of `MAYFLY_REDIS_BINARY`: used, or an error. */
  readonly configured: string | undefined;
  /** The value of `PATH`. `apt-get` and `dpkg-deb` are looked for there as well. */
  readonly searchPath: string;
  /** Created where it is missing. Where we are root, anybody must be able to enter it: the server runs as `nobody`. */
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  /** Receives a line about each thing that takes long or is unusual. */
  readonly onProgress: (message: string) => void;
}

/** The server's names, most wanted first: those of the program and, in Debian and Ubuntu, of the package too. */
export const serverNames = ['redis-server', 'valkey-server'] as const;
