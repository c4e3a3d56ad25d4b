import { stripVTControlCharacters } from 'node:util';

/** Enough to see what went on; what babbles cannot fill the memory. */
const mostLines = 200;
const longestLine = 2_000;

/** The last lines of what an application says, without the colours of terminals. */
export class LogLines {
  readonly #lines: string[] = [];

  get all(): readonly string[] {
    return [...this.#lines];
  }

  /** Adds a text of one or more lines. */
  add(text: string): void {
    const lines = stripVTControlCharacters(text).split(/\r?\n/);
    for (const line of lines.filter((each) => each.trim() !== '')) {
      this.#lines.push(line.slice(0, longestLine));
    }
    this.#lines.splice(0, this.#lines.length - mostLines);
  }

  /** Adds what a stream brings, line by line. */
  collect(stream: NodeJS.ReadableStream): void {
    let begun = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const [last = '', ...whole] = `${begun}${chunk}`.split('\n').reverse();
      this.add(whole.reverse().join('\n'));
      begun = last.slice(0, longestLine);
    });
    stream.once('close', () => this.add(begun));
  }
}
