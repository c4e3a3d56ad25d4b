import type { Actions, Task } from './worker.ts';

/** What the steps of the templates do. Here they only say so: what is shown is how they are run. */
export const actions: Actions = Object.fromEntries(
  ['dump', 'upload', 'verify', 'collect', 'send'].map((action) => [
    action,
    async ({ schedule, run, attempt }: Task) => {
      console.log(`${action} for ${schedule}, run ${run}, attempt ${attempt}`);
    },
  ]),
);
