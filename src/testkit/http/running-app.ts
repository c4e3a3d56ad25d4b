/** An application that has been started, however it runs. */
export interface RunningApp {
  readonly port: number;
  /** As the subject of a sentence. */
  readonly title: string;
  readonly logs: readonly string[];
  /** Resolves when it has ended by itself, with how, in words; of one in this process never. */
  readonly ended: Promise<string>;
  /** Ends it and whatever it has begun. Called once. */
  end(): Promise<void>;
}

/** What every application is started with. */
export interface Start {
  /** How long it has to end, in milliseconds. */
  readonly grace: number;
  /** The name of its service, where it is one. */
  readonly service?: string | undefined;
}
