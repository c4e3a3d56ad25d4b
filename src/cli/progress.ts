import type { Span } from '../coordinator/timeline.ts';
import type { ProgressEvent } from '../environment/progress.ts';
import { paint, say } from './output.ts';
import { headline } from './summary.ts';

interface Spinner {
  text: string;
  start(): Spinner;
  stop(): Spinner;
}

/** Tells on standard error how a start goes: what is slow or fails in plain lines, and on a terminal what is under way. */
export class Progress {
  readonly #underWay = new Set<string>();
  /** Why a service's last attempt failed. */
  readonly #failures = new Map<string, string>();
  #spinner: Spinner | undefined;

  static async create({ canAnimate }: { readonly canAnimate: boolean }): Promise<Progress> {
    const progress = new Progress();
    if (process.stderr.isTTY && canAnimate) {
      const { default: createSpinner } = await import('yocto-spinner');
      progress.#spinner = createSpinner({
        text: 'choosing a runtime',
        stream: process.stderr,
        // It would end the process at once on Ctrl-C, and leave the servers.
        handleSignals: false,
      }).start();
      // It hides the cursor, and this process may end at any moment.
      process.once('exit', progress.done);
    }
    return progress;
  }

  /** Takes one event in. */
  readonly show = (event: ProgressEvent): void => {
    switch (event.type) {
      case 'runtime':
        this.#print(headline(event.reason));
        break;
      case 'note':
        this.#print(headline(paint('dim', event.message)));
        break;
      case 'begin':
        this.#begin(event.step);
        break;
      case 'end':
        this.#end(event.span);
        break;
    }
  };

  /** Ends the animation; what is told afterwards is told in plain lines. */
  readonly done = (): void => {
    process.off('exit', this.done);
    this.#spinner?.stop();
    this.#spinner = undefined;
  };

  #begin({ service, phase, attempt }: Pick<Span, 'service' | 'phase' | 'attempt'>): void {
    if (phase !== 'start') {
      return;
    }
    if (attempt > 1) {
      this.#print(
        `${service.padEnd(9)} ${paint('yellow', `attempt ${attempt}`)}, after: ${this.#failures.get(service) ?? ''}`,
      );
    }
    this.#underWay.add(service);
    this.#refresh();
  }

  #end({ service, phase, outcome, reason = '' }: Span): void {
    if (outcome === 'failed') {
      this.#failures.set(service, reason);
    } else if (phase === 'check') {
      this.#underWay.delete(service);
      this.#refresh();
    }
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
