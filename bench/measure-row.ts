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
  await measureInTurn([ours, ...peers], rounds, contest.times);

  const mayfly = summarise(ours.samples);
  return peers.flatMap(({ name, target, target95, samples }) => {
    const theirs = summarise(samples);
    const figure = (of: Figure['of'], limit: number | undefined): Figure => {
      const ratio = Math.round((mayfly[of] / theirs[of]) * 1000) / 1000;
      return { id, work, peer: name, of, mayfly, theirs, ratio, ...(limit !== undefined && { target: limit }) };
    };
    return [figure('median', target), ...(target95 === undefined ? [] : [figure('p95', target95)])];
  });
}

function timed(measure: Measure): Timed {
  return { measure, samples: [] };
}
