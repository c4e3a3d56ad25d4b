import { postgreSplitterOptions, splitQuery } from 'dbgate-query-splitter';

/** One statement of a file. */
export interface Statement {
  /** With the comments before it. */
  readonly sql: string;
  /** Where that begins in the text it was taken from, in UTF-16 code units. */
  readonly offset: number;
  /** Where the first word of the statement itself stands there. */
  readonly firstWord: number;
}

/** What the splitter takes for the end of a statement, string or comment although it is none; see below. */
const misleading = /\bbegin\s+atomic\b|\\'|\/\*(?:(?!\*\/)[^])*\/\*|\bcreate\s+(or\s+replace\s+)?rule\b|\w\$\w+\$/i;

/**
 * Splits SQL into its statements.
 *
 * Copes with quotes, dollar quotes and comments. Does not cope with `\'` in an `E''` string, a comment within a comment,
 * the body of a function between BEGIN ATOMIC and END, a rule of several statements in parentheses, and names with two
 * dollar signs (`a$b$c`). Then the server refuses the pieces, or is given several statements in one: the comments stay
 * where they are so that nothing runs that was meant to be one.
 */
export function splitStatements(sql: string): readonly Statement[] {
  const pieces = splitQuery(sql, { ...postgreSplitterOptions, ignoreComments: true, returnRichInfo: true });
  return pieces.flatMap((piece) => {
    if (typeof piece === 'string' || piece.trimStart === undefined || piece.trimEnd === undefined) {
      return [];
    }
    const { start, trimStart, trimEnd } = piece;
    // What is nothing but comments ends before it begins.
    return trimEnd.position <= trimStart.position
      ? []
      : [{ sql: sql.slice(start.position, trimEnd.position), offset: start.position, firstWord: trimStart.position }];
  });
}

/** Whether the statements that are found are surely those that the server finds. */
export function isSplitReliably(sql: string): boolean {
  return !misleading.test(sql);
}
