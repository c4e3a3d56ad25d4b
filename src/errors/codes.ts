/**
 * Every code that Mayfly's errors carry, with what it means in one line. The table in the README is made from this
 * record. A code is never reused for another meaning.
 */
export const errorCodes = {
  MAYFLY_USAGE: 'The command line names a command, option or value that does not exist.',
  MAYFLY_COMMAND_NOT_FOUND:
    'The command given to `mayfly run` does not exist or may not be executed (exit code 127 or 126).',
  MAYFLY_CONFIG_NOT_FOUND: 'The config file named with `--config` does not exist.',
  MAYFLY_CONFIG_LOAD_FAILED:
    'The config file could not be loaded: a syntax error, a failed import, or code that threw.',
  MAYFLY_CONFIG_NO_DEFAULT_EXPORT: 'The config file has no default export.',
  MAYFLY_DEFINITION_INVALID: 'The definition has an unknown field or a value of the wrong type.',
  MAYFLY_VARIABLE_INVALID: 'An environment variable that Mayfly reads holds a value that it cannot use.',
  MAYFLY_SERVICE_DUPLICATE: 'Two services of the definition have the same name.',
  MAYFLY_SERVICE_UNKNOWN_DEPENDENCY: 'A service depends on one that the environment does not have.',
  MAYFLY_SERVICE_CYCLE: 'Services depend on each other in a circle; the message prints it as a path.',
  MAYFLY_SERVICE_UNKNOWN: 'A service was asked for by a name that the environment does not have.',
  MAYFLY_SERVICE_START_FAILED: "A service's start threw; what had started before it was stopped again.",
  MAYFLY_SERVICE_START_TIMEOUT: "A service's start did not finish within its deadline.",
  MAYFLY_SERVICE_NOT_READY: 'A service started, but its check did not pass within its deadline.',
  MAYFLY_SERVICE_PREPARE_FAILED: "A service's prepare threw or did not finish within its deadline.",
  MAYFLY_SERVICE_SCOPE: 'A service of the run depends on one that each lease has of its own.',
  MAYFLY_SERVICE_RESET_FAILED: "A service's reset threw or did not finish within its deadline.",
  MAYFLY_SERVICE_STOP_FAILED: "A service's stop threw.",
  MAYFLY_SERVICE_STOP_TIMEOUT: "A service's stop did not finish within its deadline; the teardown went on without it.",
  MAYFLY_TEARDOWN_FAILED: 'One or more steps of the teardown failed; every other step was still carried out.',
  MAYFLY_ABORTED: 'The start was given up because its signal was aborted.',
  MAYFLY_ENVIRONMENT_STOPPED: 'The environment was used after it had been stopped.',
  MAYFLY_RUNTIME_UNKNOWN: 'A runtime was named that Mayfly does not have.',
  MAYFLY_DOCKER_UNAVAILABLE: 'The Docker daemon does not answer.',
  MAYFLY_DOCKER_REFUSED: 'The Docker daemon answered a request with an error, which the message shows.',
  MAYFLY_RYUK_UNAVAILABLE: 'Ryuk was asked for with MAYFLY_RYUK and could not be started.',
  MAYFLY_IMAGE_UNAVAILABLE: 'An image is not on the Docker host and could not be pulled.',
  MAYFLY_SERVER_EXITED: 'A server ended while it was starting; its last log lines are in the message.',
  MAYFLY_SERVER_NOT_READY:
    'A server did not answer a query within its deadline; its last log lines are in the message.',
  MAYFLY_SERVER_DIED:
    'A server that had been ready ended during the run; how, and its last log lines, are in the message.',
  MAYFLY_PORT_TAKEN: 'The port asked for is taken, or no free port could be had.',
  MAYFLY_POSTGRES_BINARY_MISSING: 'The embedded runtime found no PostgreSQL binaries for this platform.',
  MAYFLY_POSTGRES_INIT_FAILED: 'PostgreSQL could not create its data directory (initdb).',
  MAYFLY_REDIS_BINARY_MISSING: 'The embedded runtime found no usable redis-server or valkey-server.',
  MAYFLY_REDIS_DOWNLOAD_FAILED: "Redis could not be fetched from the distribution's package archive.",
  MAYFLY_CACHE_UNUSABLE: "Mayfly's cache directory cannot be read or written.",
  MAYFLY_DISK_UNUSABLE: "There is no room for the servers' data, or no directory that can be written.",
  MAYFLY_SESSION_UNSAFE: "The directory that holds Mayfly's sessions belongs to somebody else, or cannot be written.",
  MAYFLY_EXTERNAL_URL_INVALID: 'The URL of an external server is missing or cannot be parsed.',
  MAYFLY_EXTERNAL_UNREACHABLE: 'An external server refuses connections or does not answer.',
  MAYFLY_EXTERNAL_REFUSED: 'An external server answered but refused: wrong password, missing privilege, or similar.',
  MAYFLY_MIGRATIONS_UNREADABLE: 'The directory of migrations is missing, cannot be read or has no .sql file to run.',
  MAYFLY_MIGRATION_FAILED: 'A migration was refused by the server, left a transaction open or ended its own session.',
  MAYFLY_INPUT_MISSING: 'A file or directory named in `inputs` does not exist or cannot be read.',
  MAYFLY_POSTGRES_UNREACHABLE: 'The Postgres that leases are taken from does not answer any longer.',
  MAYFLY_BUDGET_TOO_SMALL: 'The server does not accept enough connections for every worker to have one.',
  MAYFLY_TEMPLATE_TIMEOUT: 'A template was not ready in time, in this process or in another one that builds it.',
  MAYFLY_LEASE_TIMEOUT: 'All databases were taken until the deadline; the message names who holds them.',
  MAYFLY_LEASE_RELEASED: 'A lease was used after it had been released.',
  MAYFLY_LEASE_RETURN_FAILED: 'A lease could not be given back; what it held is taken away later.',
  MAYFLY_CONNECTIONS_EXHAUSTED:
    'A lease has as many connections open as it may have; the message names who holds them.',
  MAYFLY_REDIS_UNREACHABLE: 'The Redis of the spaces cannot be reached, or does not answer.',
  MAYFLY_REDIS_SPACES_UNAVAILABLE:
    'No spaces can be had on this Redis: too few databases, data of others in them, a cluster, or refused commands.',
  MAYFLY_REDIS_SPACES_EXHAUSTED: 'Every Redis space was held until the deadline; the message names the holders.',
  MAYFLY_REDIS_SPACE_LOST: 'A Redis space was not held any more when it was given back.',
  MAYFLY_NOT_RUNNING: 'No environment started by `mayfly up` runs for this directory.',
  MAYFLY_UP_FAILED: 'The environment that `mayfly up` starts in the background ended before it was ready.',
  MAYFLY_UP_OTHERWISE:
    'What runs in the background is on another runtime, or from another config file, than `mayfly up` was told.',
  MAYFLY_WAIT_TIMEOUT: '`mayfly wait` reached its deadline before the service was healthy.',

  MAYFLY_INPUT_INVALID:
    'A bundled service or the test kit was given something that it does not allow; the message names the field.',
  MAYFLY_ROW_UNEXPECTED: 'A row of the database is not what the model of a bundled service says.',
  MAYFLY_RECORD_NOT_FOUND: 'A bundled service was asked for something that is not there.',
  MAYFLY_STATE_REFUSED: 'What a bundled service was asked to do is not possible in the state that the record is in.',
  MAYFLY_WEBHOOK_REFUSED: 'A delivery to a webhook is not from the provider, was changed on its way, or is too old.',
  MAYFLY_WEBHOOK_FAILED: 'A delivery to a webhook could not be processed; nothing was written, and it can be repeated.',
  MAYFLY_SYNTHETIC_REFUSED:
    'An audit log that was not made for it was asked to fill in entries for what did not happen.',
  MAYFLY_PASS_REFUSED: 'A wallet pass was forged, has expired, was replaced or revoked, or is for something else.',

  // The test kit.
  MAYFLY_APP_INVALID: 'What was given as an application to serve is none, could be several, or listens already.',
  MAYFLY_APP_EXITED:
    'A served application ended before it was ready, or had ended or been stopped when something was asked of it.',
  MAYFLY_APP_NOT_READY: 'A served application was not ready within its deadline; its last lines are in the message.',
  MAYFLY_APP_NOT_STOPPED: 'A served application, or what it does at its end, did not end within its deadline.',
  MAYFLY_WEBSOCKET_REFUSED: "A WebSocket connection did not come about; the message has the server's answer, if any.",
  MAYFLY_WEBSOCKET_CLOSED: 'A WebSocket connection was closed while a message was waited for, or before one was sent.',
  MAYFLY_MESSAGE_TIMEOUT: 'A WebSocket message did not arrive in time; the message shows what did.',
  MAYFLY_MESSAGE_INVALID: 'A WebSocket message does not fit the schema that the test gave.',
  MAYFLY_MESSAGES_OVERFLOW: 'More WebSocket messages arrived than may wait to be read.',
  MAYFLY_EVENT_TIMEOUT: 'An event did not come in time; the message shows what the filter passed over.',
  MAYFLY_RETRIES_EXHAUSTED: 'Something failed in every attempt; the message says why each of them did.',
  MAYFLY_REQUEST_UNHANDLED: 'A test, or what it started, requested from the outside what no mock of it answered.',
  MAYFLY_MOCK_TAKEN: 'A test was to mock what another one that is running has mocked; the message names that one.',
  MAYFLY_MOCK_LEFT: 'A test left behind what reaches others: a request after its end, timers that are faked.',
  MAYFLY_MOCK_OUTSIDE_TEST: 'Mocks were used, or a request to the outside was made, for no test that is running.',
} as const;

/** The literal code of a Mayfly error. */
export type MayflyErrorCode = keyof typeof errorCodes;
