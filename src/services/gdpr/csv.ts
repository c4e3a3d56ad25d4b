/** A row as text; `null` is what the database says of nothing. */
export type CsvRow = Readonly<Record<string, string | null>>;

/**
 * Rows as CSV: RFC 4180, with a line of names first. What is null is empty, and what is empty is `""`, as PostgreSQL's COPY
 * writes them. All rows have the columns of the first; without rows there is no text.
 */
export function toCsv(rows: readonly CsvRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names.map(quote), ...rows.map((row) => names.map((name) => quote(row[name] ?? null)))];
  return names.length === 0 ? '' : lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

function quote(value: string | null): string {
  if (value === null) {
    return '';
  }
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
