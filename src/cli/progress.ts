import type { Span } from '../coordinator/timeline.ts';
import type { ProgressEvent } from '../environment/progress.ts';
import { ms, paint, say } from './output.ts';

interface Spinner {
  text: string;
  start(): Spinner;
  stop(): Spinner;
}

/** Tells on standard error how a start goes: plain lines, and on a terminal also what is under way. */
export class Progress {
  readonly #underWay = new Set<string>();
  readonly #startedAt = new Map<string, number>();
  #spinner: Spinner | undefined;

  static async create({ isCi }: { readonly isCi: boolean }): Promise<Progress> {
    const progress = new Progress();
    if (process.stderr.isTTY && !isCi) {
      const { default: createSpinner } = await import('yocto-spinner');
      progress.#spinner = createSpinner({ text: 'choosing a runtime', stream: process.stderr }).start();
    }
    return progress;
  }

  /** Takes one event in. */
  readonly show = (event: ProgressEvent): void => {
    switch (event.type) {
      case 'runtime':
        return this.#print(`${paint('dim', 'runtime')}   ${event.reason}`);
      case 'note':
        return this.#print(paint('dim', event.message));
      case 'begin':
        return this.#begin(event.step);
      case 'end':
        return this.#end(event.span);
    }
  };

  /** Ends the animation; what is told afterwards is told in plain lines. */
  done(): void {
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  #begin({ service, phase }: Pick<Span, 'service' | 'phase'>): void {
    if (phase === 'start') {
      this.#underWay.add(service);
      this.#refresh();
    }
  }

  #end({ service, phase, attempt, startedAt, duration, outcome, reason }: Span): void {
    if (phase === 'start') {
      this.#startedAt.set(service, startedAt);
    }
    if (outcome === 'failed' && (phase === 'start' || phase === 'check')) {
      this.#print(`${service.padEnd(9)} ${paint('yellow', `attempt ${attempt} failed`)}: ${reason ?? ''}`);
    }
    if (phase === 'check' && outcome === 'ok') {
      const since = this.#startedAt.get(service) ?? startedAt;
      this.#underWay.delete(service);
      this.#print(`${service.padEnd(9)} ${paint('green', 'ready')} in ${ms(startedAt + duration - since)}`);
    }
    this.#refresh();
  }

  #refresh(): void {
    if (this.#spinner !== undefined && this.#underWay.size > 0) {
      this.#spinner.text = `starting ${[...this.#underWay].join(', ')}`;
    }
  }

  #print(line: string): void {
    this.#spinner?.stop();
    say(line);
    this.#spinner?.start();
  }
}
