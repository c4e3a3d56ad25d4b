export type UnknownCode = 'unknown-template' | 'unknown-schedule' | 'unknown-action';

/** Something was asked for by a name that nothing has. To ask again is of no use. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';
  readonly code: UnknownCode;

  constructor(kind: 'template' | 'schedule' | 'action', name: string, known: readonly string[]) {
    const others = known.length === 0 ? 'There are none at all.' : `There are: ${known.toSorted().join(', ')}.`;
    super(`There is no ${kind} "${name}". ${others}`);
    this.code = `unknown-${kind}`;
  }
}

/** Whether the database refused it by this constraint, which pg says of an error of its. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}
