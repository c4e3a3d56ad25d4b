/**
 * Two facts about a database that stay as they are for as long as nobody writes to it.
 *
 * `settings`: everything that is kept about a database and its user outside of it. What a test may change and every
 * return sets anew, the password and the connection limit, is left out.
 *
 * `counting`: when the server began to count what is written. A crash loses the counts, and resets those of the
 * background writer as well (PostgreSQL, src/backend/utils/activity/pgstat.c, pgstat_reset_after_failure).
 *
 * Neither depends on the settings of the session that asks. `$1` is the database's name; its user is who owns it.
 */
export const proofColumns: string = `
  md5(concat_ws('|',
    row(d.datdba, d.encoding, d.datcollate, d.datctype, d.datistemplate, d.datallowconn, d.dattablespace,
      (SELECT string_agg(acl::text, ',' ORDER BY acl::text) FROM aclexplode(d.datacl) acl))::text,
    (SELECT string_agg(row(setdatabase, setrole, setconfig)::text, ',' ORDER BY setdatabase, setrole)
      FROM pg_db_role_setting WHERE setdatabase = d.oid OR setrole = r.oid),
    (SELECT row(rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
      rolconnlimit, extract(epoch FROM rolvaliduntil))::text FROM pg_roles WHERE oid = r.oid),
    (SELECT string_agg(row(roleid, member, admin_option)::text, ',' ORDER BY roleid, member)
      FROM pg_auth_members WHERE roleid = r.oid OR member = r.oid),
    (SELECT string_agg(row(classoid, objoid, description)::text, ',' ORDER BY classoid, objoid)
      FROM pg_shdescription WHERE objoid IN (d.oid, r.oid)),
    (SELECT string_agg(row(classoid, objoid, provider, label)::text, ',' ORDER BY classoid, objoid)
      FROM pg_shseclabel WHERE objoid IN (d.oid, r.oid))
  )) AS settings,
  concat_ws('|', extract(epoch FROM pg_postmaster_start_time()),
    extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()),
    extract(epoch FROM pg_stat_get_db_stat_reset_time(d.oid))) AS counting`;

export const proofTables: string = `
  pg_database d LEFT JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = $1`;

export const proofQuery: string = `SELECT ${proofColumns} FROM ${proofTables}`;
