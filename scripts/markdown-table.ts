/** A table in Markdown, its columns padded as the formatter pads them. */
export function markdownTable(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...lines].map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[], padding: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, padding)).join(' | ')} |`;
  return [line(header, ' '), line([], '-'), ...lines.map((cells) => line(cells, ' '))].join('\n');
}
