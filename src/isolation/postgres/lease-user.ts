/**
 * The user of a lease's database, who has another name for every lease, as the password is another: the server looks a
 * name up when the password has been found right, which may be long after it was asked for. Whoever knew the last name
 * and was slow is turned away then (PostgreSQL, src/backend/utils/init/postinit.c, InitPostgres).
 */
export function leaseUser({ database, password }: { readonly database: string; readonly password: string }): string {
  return `${database}_${password.slice(0, 8)}`;
}

/** A condition in SQL on the names that a database's user can have; both parameters stand for SQL. */
export function isLeaseUser(name: string, database: string): string {
  return `starts_with(${name}, ${database}) AND substr(${name}, length(${database}) + 1) ~ '^_[0-9a-f]{8}$'`;
}
