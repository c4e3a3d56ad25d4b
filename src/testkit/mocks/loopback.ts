/** Whether it stays on this machine: the application under test, and servers on a socket in the file system. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|([^.]+\.)*localhost)$/.test(hostname);
}
