/**
 * Something outside the process that a session made and must take away again. The name of a directory begins with
 * `mayfly-`, the session's identifier and `-`: after a crash, one that is called otherwise is left alone.
 */
export type OwnedResource =
  | { readonly kind: 'directory'; readonly path: string }
  /** A server process: recorded with its directory before it is spawned, and again with its number afterwards. */
  | { readonly kind: 'process'; readonly directory: string; readonly pid?: number | undefined }
  /** The command that the servers are for: alone, or as the leader of a process group that is all ours. */
  | { readonly kind: 'command'; readonly pid: number; readonly isGroup: boolean }
  /** Every container that carries the session's label. */
  | { readonly kind: 'containers'; readonly label: string; readonly value: string }
  /** On a server that goes on without the session, reached by this URL. */
  | { readonly kind: 'database'; readonly url: string; readonly name: string }
  /** What the session's leases have on such a server: databases and users, or spaces. */
  | { readonly kind: 'leases'; readonly service: 'postgres' | 'redis'; readonly details: object };

/** Writes down what is owned, before it is made, so that whoever comes after a crash can take it away. */
export interface Ownership {
  /** Identifies the session on everything that it makes: letters and digits only. */
  readonly sessionId: string;
  /** Whose the session is, in JSON: the process, its machine and its user; for whoever finds what it made without its record. */
  readonly owner?: string | undefined;
  /** Records a resource under a key of its own; recorded again, the later record counts. */
  own(key: string, resource: OwnedResource): void;
  /** Records that the resource is gone. */
  disown(key: string): void;
}
