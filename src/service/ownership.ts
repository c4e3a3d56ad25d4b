/** Something outside the process that a session made and must take away again. */
export type OwnedResource =
  | { readonly kind: 'directory'; readonly path: string }
  /** A server process: recorded with its directory before it is spawned, and again with its number afterwards. */
  | { readonly kind: 'process'; readonly directory: string; readonly pid?: number | undefined }
  /** Every container that carries the session's label. */
  | { readonly kind: 'containers'; readonly label: string; readonly value: string }
  | { readonly kind: 'database'; readonly server: string; readonly name: string }
  /** What the session's leases have on a server that goes on without it: databases, users, Redis spaces. */
  | { readonly kind: 'leases'; readonly server: string };

/** Writes down what is owned, before it is made, so that whoever comes after a crash can take it away. */
export interface Ownership {
  /** Identifies the session on everything that it makes: letters and digits only. */
  readonly sessionId: string;
  /** Records a resource under a key of its own; recorded again, the later record counts. */
  own(key: string, resource: OwnedResource): void;
  /** Records that the resource is gone. */
  disown(key: string): void;
}
