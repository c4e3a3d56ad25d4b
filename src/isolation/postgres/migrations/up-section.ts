/** What of a file is run, and how. */
export interface UpSection {
  /** The file's text with the same lines, the other sections blank. */
  readonly sql: string;
  /** Whether it runs in one transaction. */
  readonly transaction: boolean;
}

/** The comments by which a tool marks its sections. */
interface Marks {
  readonly up: RegExp;
  readonly down: RegExp;
}

/**
 * As these tools find them themselves: dbmate (pkg/dbmate/migration.go), goose
 * (pressly.github.io/goose/documentation/annotations), sql-migrate (`-- +migrate`, the same form), and node-pg-migrate
 * (src/sqlMigration.ts).
 */
const tools: readonly Marks[] = [
  { up: /^--[ \t]*migrate:up\b/m, down: /^--[ \t]*migrate:down\b/m },
  { up: /^--[ \t]*\+goose[ \t]+up\b/im, down: /^--[ \t]*\+goose[ \t]+down\b/im },
  { up: /^--[ \t]*\+migrate[ \t]+up\b/im, down: /^--[ \t]*\+migrate[ \t]+down\b/im },
  { up: /^[ \t]*--[ \t-]*up[ \t]+migration/im, down: /^[ \t]*--[ \t-]*down[ \t]+migration/im },
];

const withoutTransaction: readonly RegExp[] = [
  /^[ \t]*--[ \t]*mayfly:no-transaction\b/m,
  /^--[ \t]*migrate:up\b.*[ \t]transaction:false\b/m,
  /^--[ \t]*\+goose[ \t]+no[ \t]+transaction\b/im,
  /^--[ \t]*\+migrate[ \t]+up[ \t]+notransaction\b/im,
];

/**
 * The part of a migration that takes the schema forward. In a file without a mark for it, that is all of it: a comment
 * that merely speaks of a down migration does no harm.
 */
export function upSection(text: string): UpSection {
  const transaction = !withoutTransaction.some((mark) => mark.test(text));
  const marks = tools.find(({ up }) => up.test(text));
  if (marks === undefined) {
    return { sql: text, transaction };
  }
  const start = text.search(marks.up);
  const down = text.search(marks.down);
  const sql = text.slice(start, down > start ? down : undefined);
  return { sql: `${text.slice(0, start).replaceAll(/[^\n]/g, ' ')}${sql}`, transaction };
}
