/**
 * The payments of a provider against the transactions of a period, in one statement over sets. Its parameters are the
 * provider's references, amounts, currencies and states, each as an array; the period; a tenant or null; and whether the
 * references of those that are reconciled for the first time are wanted.
 *
 * Joins are on equality alone, so that each is one pass over a hash table, however wrong the planner's guesses are.
 */
export const matchStatement = `
  WITH provider AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
      WITH ORDINALITY AS payment (reference, amount, currency, status, position)
  ), ours AS MATERIALIZED (
    SELECT id, reference, payment_intent, stripe_session, amount, currency::text, status FROM transactions
      WHERE created_at >= $5 AND created_at < $6 AND ($7::uuid IS NULL OR tenant_id = $7)
  ), known AS (
    SELECT provider.*, coalesce(by_reference.id, by_intent.id, by_session.id) AS id FROM provider
      LEFT JOIN ours by_reference ON by_reference.reference = provider.reference
      LEFT JOIN ours by_intent ON by_intent.payment_intent = provider.reference
      LEFT JOIN ours by_session ON by_session.stripe_session = provider.reference
  ), once AS (
    SELECT reference, amount, currency, status, position,
      CASE WHEN row_number() OVER (PARTITION BY id ORDER BY position) = 1 THEN id END AS id
      FROM known
  ), odd AS MATERIALIZED (
    SELECT once.position, once.reference AS their_reference, once.amount AS their_amount, once.currency AS their_currency,
        once.status AS their_status, ours.id, ours.reference, ours.amount, ours.currency, ours.status
      FROM once FULL JOIN ours ON ours.id = once.id
      WHERE (once.amount, once.currency, once.status) IS DISTINCT FROM (ours.amount, ours.currency, ours.status)
  ), described AS MATERIALIZED (
    SELECT position, id, reference,
        json_build_object('reference', their_reference, 'amount', their_amount, 'currency', their_currency,
          'status', their_status) AS theirs,
        json_build_object('reference', reference, 'amount', amount, 'currency', currency, 'status', status) AS ours,
        array_remove(ARRAY[
          CASE WHEN their_amount <> amount THEN 'amount' END,
          CASE WHEN their_currency <> currency THEN 'currency' END,
          CASE WHEN their_status <> status THEN 'status' END], NULL) AS differs
      FROM odd
  ), sums AS (
    SELECT currency, sum(provider) AS provider, sum(database) AS database FROM (
      SELECT currency, amount AS provider, 0 AS database FROM provider WHERE status IN ('completed', 'refunded')
      UNION ALL
      SELECT currency, 0, amount FROM ours WHERE status IN ('completed', 'refunded')
    ) AS paid GROUP BY currency
  )
  SELECT
    (SELECT count(*)::int FROM ours) - (SELECT count(*)::int FROM odd WHERE id IS NOT NULL) AS matched,
    (SELECT coalesce(json_agg(theirs ORDER BY position), '[]') FROM described WHERE id IS NULL) AS "unmatchedProvider",
    (SELECT coalesce(json_agg(ours ORDER BY reference), '[]') FROM described WHERE position IS NULL)
      AS "unmatchedDatabase",
    (SELECT coalesce(json_agg(json_build_object('provider', theirs, 'database', ours, 'differs', differs)
      ORDER BY reference), '[]') FROM described WHERE position IS NOT NULL AND id IS NOT NULL) AS mismatched,
    (SELECT coalesce(json_agg(json_build_object('currency', currency, 'provider', provider, 'database', database,
      'discrepancy', provider - database) ORDER BY currency), '[]') FROM sums) AS totals,
    (SELECT coalesce(json_agg(reference ORDER BY reference), '[]') FROM ours
      WHERE $8 AND status IN ('completed', 'refunded') AND id NOT IN (SELECT id FROM odd WHERE id IS NOT NULL)
        AND NOT EXISTS (SELECT FROM financial_events event
          WHERE event.reference = ours.reference AND event.action = 'payment_reconciled')) AS reconciled`;
