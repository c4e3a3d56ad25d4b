/** The numeric identity under which a server runs. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whose processes servers are to be. PostgreSQL refuses to run as root, so root's servers run as `nobody`, the one
 * unprivileged user that every Unix has (65534 on Linux; -2, the same in 32 bits, on macOS). Everyone else's servers
 * run as themselves: `undefined`.
 */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const nobody = process.platform === 'darwin' ? 4_294_967_294 : 65_534;
  return { uid: nobody, gid: nobody };
}
