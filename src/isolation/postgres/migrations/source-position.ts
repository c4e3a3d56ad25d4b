/** The longest part of a line that is shown. */
const width = 120;

/**
 * Where the server's position lies in the text that it was sent, in UTF-16 code units. The server counts characters from
 * one, "not bytes" (PostgreSQL, Error and Notice Message Fields), so an emoji is one there and two here.
 */
export function indexOfPosition(sql: string, position: string): number {
  return Array.from(sql)
    .slice(0, Number(position) - 1)
    .join('').length;
}

/** The number of the line in which this index lies, from one. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** That line, with a mark below the place. */
export function excerptAt(text: string, index: number): string {
  const start = text.lastIndexOf('\n', index - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const column = index - start;
  const from = Math.max(0, column - width / 2);
  const margin = `  ${lineAt(text, index)} | `;
  const shown = line
    .slice(from, from + width)
    .replaceAll(/\s/g, ' ')
    .trimEnd();
  return `${margin}${shown}\n${' '.repeat(margin.length - 2)}| ${' '.repeat(column - from)}^`;
}
