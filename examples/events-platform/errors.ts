/** What the platform refuses, by what the world is told, and the status that goes with it. */
const statuses = {
  invalid: 400,
  'unknown-reference': 400,
  'unknown-form': 404,
  'sequence-taken': 409,
  'sequence-gap': 409,
} as const;

export type RefusalCode = keyof typeof statuses;

/** An answer rather than an accident: whoever asked can do something about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: (typeof statuses)[RefusalCode];

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = statuses[code];
  }
}

/** Whether the database refused it by this constraint, which pg says of an error of its. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}
