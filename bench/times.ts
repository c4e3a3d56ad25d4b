/** What a program measured, in milliseconds: from the first call of its library to servers that are ready, and the end of these. */
export interface Times {
  readonly start: number;
  readonly stop: number;
}

/** Hands a program's times to the bench. */
export function printTimes(times: Times): void {
  console.log(JSON.stringify(times));
}
