/** What the details of a server have and those of other services may have. */
interface Place {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly place?: unknown;
}

/** One line for each service that says where it runs. Holds no secrets. */
export function placesOf(details: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(details).flatMap(([name, detail]) => {
    const { host, port, place } = (detail ?? {}) as Place;
    const address = host === undefined ? '' : `${String(host)}:${String(port)}`;
    return address === '' ? [] : [`${name.padEnd(9)} ${address.padEnd(21)} ${String(place ?? '')}`.trimEnd()];
  });
}
