import { Background } from '../background.ts';
import { answer, say } from '../output.ts';
import { describeTeardown } from '../summary.ts';
import { takeDown } from '../take-down.ts';

/** `mayfly down`: ends the environment in the background. Where there is none there is nothing to do. */
export async function down({ json }: { readonly json?: boolean }): Promise<number> {
  const { keeper, session } = await Background.open();
  if (keeper === undefined) {
    return tell({ stopped: false }, 'nothing was running', json);
  }
  const outcome = await takeDown(keeper, session);
  if ('failure' in outcome) {
    tell({ stopped: true, failure: outcome.failure }, outcome.failure, json);
    return 1;
  }
  return tell({ stopped: true }, 'report' in outcome ? describeTeardown(outcome.report) : 'removed', json);
}

function tell(data: object, text: string, json: boolean | undefined): 0 {
  if (json) {
    answer(JSON.stringify(data));
  } else {
    say(text);
  }
  return 0;
}
