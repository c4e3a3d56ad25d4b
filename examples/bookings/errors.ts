/** What the application refuses, by what the world is told, and the status that goes with it. */
const statuses = {
  invalid: 400,
  'unknown-tenant': 404,
  'unknown-item': 404,
  'unknown-booking': 404,
  'already-booked': 409,
  'already-offered': 409,
} as const;

export type RefusalCode = keyof typeof statuses;

/** An answer rather than an accident: whoever asked can do something about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: (typeof statuses)[RefusalCode];

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
  }
}

/** Whether the database refused it by this constraint, which pg says of an error of its. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}
