import { measureInTurn, summarise, type Measure, type Timed } from './measure.ts';
import type { Figure } from './results.ts';
import type { Row } from './row.ts';
import type { Workbench } from './workbench.ts';

/** Measures Mayfly and its peers in turn, or says why that is not possible here. */
export async function measureRow(
  { id, work, prepare }: Row,
  bench: Workbench,
  rounds: number,
): Promise<readonly Figure[] | string> {
  const contest = await prepare(bench);
  if (typeof contest === 'string') {
    return contest;
  }
  const ours = timed(contest.mayfly);
  const peers = contest.peers.map((peer) => ({ ...peer, ...timed(peer.measure) }));
  await measureInTurn([ours, ...peers], rounds);

  const mayfly = summarise(ours.samples);
  return peers.map(({ name, target, samples }) => {
    const theirs = summarise(samples);
    const ratio = Math.round((mayfly.median / theirs.median) * 1000) / 1000;
    return { id, work, peer: name, mayfly, theirs, ratio, ...(target !== undefined && { target }) };
  });
}

function timed(measure: Measure): Timed {
  return { measure, samples: [] };
}
