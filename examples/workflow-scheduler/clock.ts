/** Where the application has the time from: nothing in it asks the machine or the database, but for `main.ts`. */
export type Clock = () => Date;

export function later(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
