/** What a statement does to the transaction that it is in, as far as a client must know. */
export type TransactionStatement = 'begin' | 'commit' | 'rollback';

/** White space and comments; a comment within a comment belongs to it, and is rare enough to be left to the server. */
const blank = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/)`;

const work = String.raw`(?:${blank}+(?:work|transaction))?`;
const unchained = String.raw`(?:${blank}+and${blank}+no${blank}+chain)?`;

/** What may follow BEGIN: isolation levels and the like, which a savepoint cannot have and does not need. */
const modes = String.raw`(?:${blank}+(?:isolation|level|serializable|repeatable|read|committed|uncommitted|write|only|not|deferrable)\b${blank}*,?)*`;

const patterns: Record<TransactionStatement, RegExp> = {
  begin: alone(String.raw`(?:begin${work}|start${blank}+transaction)${modes}`),
  commit: alone(String.raw`(?:commit|end)${work}${unchained}`),
  rollback: alone(String.raw`(?:rollback|abort)${work}${unchained}`),
};

/**
 * Whether a text is one statement that begins or ends a transaction, and nothing else. Of several statements in one text,
 * or a statement that does more, such as COMMIT AND CHAIN, the server makes what it makes of it.
 */
export function transactionStatement(text: string): TransactionStatement | undefined {
  return (Object.keys(patterns) as TransactionStatement[]).find((kind) => patterns[kind].test(text));
}

function alone(statement: string): RegExp {
  return new RegExp(`^${blank}*${statement}${blank}*(?:;${blank}*)*$`, 'i');
}
