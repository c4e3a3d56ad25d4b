import { splitStatements } from './split-statements.ts';

/** What the server said, as far as it matters here. */
interface Refusal {
  readonly code?: string | undefined;
  readonly message: string;
}

const rows = 'the rows of a COPY … FROM stdin, which only psql can send';
const command = 'a command of psql, which the server does not know';

/**
 * What in a refused text is meant for psql rather than for the server, in words: a line with a command of psql's own, as
 * pg_dump writes `\restrict` since 2025 (CVE-2025-8714), or rows that follow a COPY. The server's own words, a syntax
 * error at a backslash or at the first value, tell nobody.
 *
 * @param index Where the server found the error, in UTF-16 code units.
 */
export function psqlInputAt(sql: string, index: number | undefined, { code, message }: Refusal): string | undefined {
  // What pg answers for us when the server asks for rows: these words are the client's own, in every language.
  if (code === '57014' && message.includes('No source stream defined')) {
    return rows;
  }
  // A syntax error is never found within a string, so a backslash there is not text.
  if (code !== '42601' || index === undefined) {
    return undefined;
  }
  const before = sql.slice(0, index);
  if (endsWithCopy(before)) {
    return rows;
  }
  return sql[index] === '\\' && /(^|\n)[ \t]*$/.test(before) ? command : undefined;
}

/** Whether the last statement is a COPY from the client, and complete. */
function endsWithCopy(sql: string): boolean {
  const last = splitStatements(sql).at(-1);
  return (
    last !== undefined &&
    sql[last.offset + last.sql.length] === ';' &&
    /^copy\b[^]*\bfrom\s+stdin\b/i.test(sql.slice(last.firstWord))
  );
}
