/**
 * A service's value that says which connection it works on, so that one that holds another than the services around it is
 * found. Whoever wants that says so by this property; values without it are left alone.
 */
export interface OnConnection<Connection = unknown> {
  readonly sharedConnection: Connection;
}

/** What the value works on; `undefined` where it does not say. */
export function connectionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'sharedConnection' in value
    ? value.sharedConnection
    : undefined;
}
