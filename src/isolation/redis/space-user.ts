import { createHash } from 'node:crypto';
import type { Hold } from './hold.ts';

/**
 * What a space's user may not do, on top of everything that the server counts as administration (`-@admin`: ACL, CONFIG,
 * DEBUG, SHUTDOWN, MONITOR, MODULE, REPLICAOF, FAILOVER, SAVE, CLIENT KILL and PAUSE, and what later versions add), because
 * each reaches beyond one logical database:
 *
 * - FLUSHALL, SWAPDB, MOVE and MIGRATE change other databases (redis.io/docs/latest/commands/swapdb and the like);
 * - SELECT of any other number (the first argument of a blocked command can be allowed:
 *   redis.io/docs/latest/operate/oss_and_stack/management/security/acl);
 * - SCRIPT FLUSH empties the cache of everybody's scripts, SCRIPT KILL ends somebody's, SCRIPT DEBUG can stop the server
 *   (redis.io/docs/latest/commands/script-flush, -kill, -debug);
 * - FUNCTION LOAD, DELETE, FLUSH, RESTORE and KILL: functions belong to the server, not to a database
 *   (redis.io/docs/latest/develop/programmability/functions-intro). FCALL of what the run has loaded is allowed.
 *
 * CLIENT LIST only looks, and libraries need it (BullMQ counts its workers with it).
 *
 * AUTH, HELLO, RESET and QUIT are allowed to everybody by the server itself, whatever the rules say.
 */
const limits = [
  '+@all -@admin +client|list',
  '-flushall -swapdb -migrate',
  '-script|flush -script|kill -script|debug',
  '-function|load -function|delete -function|flush -function|restore -function|kill',
].flatMap((rules) => rules.split(' '));

/**
 * How the server can keep a user in one logical database: by rules for databases, which also keep it out of 0 (Valkey from
 * 9.1), by refusing commands (Redis and Valkey from 7.0), or not at all.
 */
export type Fence = 'databases' | 'commands';

const fences: Record<Fence, (database: number) => string[]> = {
  databases: (database) => ['resetdbs', `db=${database}`],
  // COPY can name another database (COPY … DB), and no rule can tell that from a copy within its own.
  commands: (database) => ['-move', '-copy', '-select', `+select|${database}`],
};

/** The rules for ACL SETUSER. The password is given as its hash, so that no log, error or monitor ever shows it. */
export function userRules(fence: Fence, user: string, database: number, password: string): string[] {
  const channels = [
    `${channelPrefixOf(user)}*`,
    ...['__keyspace', '__keyevent', '__key*'].map((kind) => `${kind}@${database}__:*`),
  ];
  const hash = createHash('sha256').update(password).digest('hex');
  return [
    'reset',
    'on',
    `#${hash}`,
    '~*',
    ...channels.map((channel) => `&${channel}`),
    ...limits,
    ...fences[fence](database),
  ];
}

/** Channels of the user begin with this. */
export function channelPrefixOf(user: string): string {
  return `${user}:`;
}

/** The user of a hold. The name says enough to find the holds again where somebody's FLUSHALL has emptied the registry. */
export function userOf({ session, database, token }: Pick<Hold, 'session' | 'database' | 'token'>): string {
  return `mayfly-${session}-${database}-${token}`;
}

/** Names a hold of an admin connection: the life of the server, the connection, and which of its holds. */
export function makeToken(run: string, client: number, serial: number): string {
  return `${run}.${client}.${serial}`;
}

const userName = /^mayfly-(?<session>.+)-(?<database>\d+)-(?<token>(?<run>[0-9a-f]*)\.(?<client>\d+)\.\d+)$/;

/** The hold whose user this is, if it is one's; in what words it was taken, the name does not say. */
export function holdOf(user: string): Hold | undefined {
  const { session, database, token, run, client } = userName.exec(user)?.groups ?? {};
  return session === undefined || token === undefined || run === undefined
    ? undefined
    : { database: Number(database), session, token, client: Number(client), run, name: 'somebody', since: Date.now() };
}
