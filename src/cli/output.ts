import { stripVTControlCharacters, styleText } from 'node:util';

type Colour = Parameters<typeof styleText>[0];

/** Mayfly's own words go to standard error: standard output belongs to the command, or to the answer asked for. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** An answer that was asked for, on standard output: without colours where that is a file or a pipe. */
export function answer(text: string): void {
  process.stdout.write(`${process.stdout.isTTY ? text : stripVTControlCharacters(text)}\n`);
}

/** Colours text for a terminal; plain where there is none or NO_COLOR is set. */
export function paint(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stderr });
}

/** Milliseconds for people. */
export function ms(duration: number): string {
  return `${Math.round(duration)} ms`;
}
