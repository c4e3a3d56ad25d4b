import pino, { type Logger } from 'pino';

/** Paths at which connection details stand when somebody logs them. */
const secrets = ['password', 'url', '*.password', '*.url', '*.*.password', '*.*.url'];

/** A log on standard error: standard output belongs to the command that is run. Passwords are left out. */
export function createLogger(level: string): Logger {
  return pino({ name: 'mayfly', level, redact: secrets }, pino.destination({ fd: 2, sync: true }));
}
