/**
 * The registry is one hash in a logical database of its own: the field `format` says that it is there, and one field for
 * each held database has the hold as JSON; the run's own database, unless that is 0, is held with the token `own` and never
 * emptied. A script runs as a whole, one after the other
 * (redis.io/docs/latest/develop/programmability/eval-intro), so takers in any number of processes cannot collide. A SELECT
 * in a script ends with it.
 */
export const registryKey: string = 'mayfly:spaces';

/** The token of a run's hold on its own database. */
export const ownToken: string = 'own';

/** In the registry's database: who holds the run's own, entered as such where nobody does. */
const keepOwn = `
local function keepOwn(hold)
  local own = cjson.decode(hold).database
  if own == 0 then return hold end
  redis.call('HSETNX', KEYS[1], own, hold)
  return redis.call('HGET', KEYS[1], own)
end
`;

/**
 * Finds the registry, or makes it, and how many logical databases there are.
 *
 * Arguments: the hold on the run's own database, whether the others are ours, and the holds to enter where the registry is
 * new, each as database and JSON. Replies with the number of databases; that of the registry, or -1; and why there is only
 * one database, or who holds the run's own.
 */
export const claimScript: string = `${keepOwn}
local second = redis.pcall('SELECT', 1)
if second.err then return {1, -1, second.err} end
local size, beyond = 2, 2
while not redis.pcall('SELECT', beyond).err do size, beyond = beyond + 1, beyond * 2 end
while size < beyond do
  local middle = math.floor((size + beyond) / 2)
  if redis.pcall('SELECT', middle).err then beyond = middle else size = middle + 1 end
end

local used, held = {}, {}
for number in string.gmatch(redis.call('INFO', 'keyspace'), 'db(%d+):') do
  local database = tonumber(number)
  used[database] = true
  redis.call('SELECT', database)
  if redis.pcall('HEXISTS', KEYS[1], 'format') == 1 then return {size, database, keepOwn(ARGV[1])} end
end

local own, ours = cjson.decode(ARGV[1]).database, ARGV[2] == '1'
for index = 3, #ARGV, 2 do held[tonumber(ARGV[index])] = ARGV[index + 1] end
for database = size - 1, 1, -1 do
  if database ~= own and not held[database] and (ours or not used[database]) then
    redis.call('SELECT', database)
    if used[database] then redis.call('FLUSHDB') end
    redis.call('HSET', KEYS[1], 'format', '1')
    for number, hold in pairs(held) do redis.call('HSET', KEYS[1], number, hold) end
    return {size, database, keepOwn(ARGV[1])}
  end
end
return {size, -1, ''}
`;

/**
 * Takes the lowest free database, which is empty then: emptied if it is ours, and passed over if it is not and data are in
 * it.
 *
 * Arguments: the registry's database, the number of databases, the hold on the run's own, whether the others are ours, and
 * the new hold.
 * Replies with the database and the time; or -1, the time and every hold where none is free; or nothing where the registry has gone.
 */
export const takeScript: string = `${keepOwn}
local registry, ours = tonumber(ARGV[1]), ARGV[4] == '1'
redis.call('SELECT', registry)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do held[field] = true end
if not held.format then return {} end
keepOwn(ARGV[3])
local own = cjson.decode(ARGV[3]).database

for database = 1, tonumber(ARGV[2]) - 1 do
  local field = string.format('%d', database)
  if database ~= own and database ~= registry and not held[field] then
    redis.call('SELECT', database)
    if ours and redis.call('DBSIZE') > 0 then redis.call('FLUSHDB') end
    if redis.call('DBSIZE') == 0 then
      local hold = cjson.decode(ARGV[5])
      hold.database, hold.since = database, now
      redis.call('SELECT', registry)
      redis.call('HSET', KEYS[1], field, cjson.encode(hold))
      return {database, string.format('%.0f', now)}
    end
  end
end

redis.call('SELECT', registry)
local fields, reply = redis.call('HGETALL', KEYS[1]), {-1, string.format('%.0f', now)}
for index = 1, #fields, 2 do
  if fields[index] ~= 'format' then table.insert(reply, fields[index + 1]) end
end
return reply
`;

const compare = `
redis.call('SELECT', ARGV[1])
if redis.call('HEXISTS', KEYS[1], 'format') == 0 then return -1 end
local found = redis.call('HGET', KEYS[1], ARGV[2])
local hold = found and cjson.decode(found)
if not hold or hold.token ~= ARGV[3] or hold.client ~= tonumber(ARGV[4]) then return 0 end
`;

/**
 * Three scripts that do something with one hold if it is still as the asker believes: its token and its client.
 *
 * Arguments: the registry's database, the hold's, its token and its client. Each replies with 1; with 0 if the hold is
 * another's or has gone, and -1 if the registry has: then nothing was done.
 */
export const confirmScript: string = `${compare} return 1`;

/** Empties the database, unless it is a run's own, and frees it. */
export const releaseScript: string = `${compare}
if hold.token ~= '${ownToken}' then
  redis.call('SELECT', hold.database)
  redis.call('FLUSHDB')
  redis.call('SELECT', ARGV[1])
end
redis.call('HDEL', KEYS[1], ARGV[2])
return 1
`;

/** Makes another client its holder: further arguments are that client and its life of the server. */
export const handOnScript: string = `${compare}
hold.client, hold.run = tonumber(ARGV[5]), ARGV[6]
redis.call('HSET', KEYS[1], ARGV[2], cjson.encode(hold))
return 1
`;

/** Replies with every hold as JSON, or nothing where the registry has gone. Argument: the registry's database. */
export const listScript: string = `
redis.call('SELECT', ARGV[1])
if redis.call('HEXISTS', KEYS[1], 'format') == 0 then return false end
local fields, holds = redis.call('HGETALL', KEYS[1]), {}
for index = 1, #fields, 2 do
  if fields[index] ~= 'format' then table.insert(holds, fields[index + 1]) end
end
return holds
`;

/**
 * Takes the registry itself away if nothing is held. Whoever knows it finds it gone, and makes it anew. Arguments: the
 * registry's database, and a client whose hold on the run's own is to go first.
 */
export const retireScript: string = `
redis.call('SELECT', ARGV[1])
local fields = redis.call('HGETALL', KEYS[1])
for index = 1, #fields, 2 do
  local hold = fields[index] ~= 'format' and cjson.decode(fields[index + 1]) or {}
  if hold.token == '${ownToken}' and hold.client == tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], fields[index]) end
end
if redis.call('HLEN', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) end
`;
