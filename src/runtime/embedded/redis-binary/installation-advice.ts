import type { Distribution } from './distribution.ts';

const commands: Readonly<Record<string, string>> = {
  alpine: '`apk add redis`',
  arch: '`pacman -S valkey`',
  debian: '`apt-get install redis-server`',
  fedora: '`dnf install valkey`',
  rhel: '`dnf install redis` or `dnf install valkey`',
  suse: '`zypper install redis`',
  ubuntu: '`apt-get install redis-server`',
};

/** How the user of this machine comes by a Redis server: one sentence, for the end of an error. */
export function installationAdvice(platform: NodeJS.Platform, distribution: Distribution | undefined): string {
  const command =
    platform === 'darwin' ? '`brew install redis`' : distribution?.ids.map((id) => commands[id]).find(Boolean);
  const install = command === undefined ? 'Install Redis or Valkey' : `Install one with ${command}`;
  return `${install}, or set MAYFLY_REDIS_BINARY to the path of a redis-server or valkey-server.`;
}
