#!/bin/sh
# The accounts of docs/access.md, made once as the administrator of the server; run by the image of compose.yaml, or by hand.
# The passwords are those of the two addresses: postgresql://bmis_app:PASSWORD@host/bmis, letters, digits and _- only.
set -eu
secrets=${SECRETS_DIR:-/run/secrets}
password_of() { sed -n 's#^[a-z]*://[^:]*:\([A-Za-z0-9_-]*\)@.*#\1#p' "$secrets/$1"; }
owner=$(password_of database-owner-url)
application=$(password_of database-url)
[ -n "$owner" ] && [ -n "$application" ] || { echo "no password in database-owner-url or database-url" >&2; exit 1; }
exec psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-bmis}" <<SQL
SET password_encryption = 'scram-sha-256';
CREATE ROLE bmis_owner LOGIN REPLICATION PASSWORD '$owner';
CREATE ROLE bmis_reader NOLOGIN NOBYPASSRLS;
CREATE ROLE bmis_eraser NOLOGIN NOBYPASSRLS;
CREATE ROLE bmis_app LOGIN NOINHERIT NOBYPASSRLS PASSWORD '$application' IN ROLE bmis_reader, bmis_eraser;
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO bmis_owner;
ALTER DATABASE "${POSTGRES_DB:-bmis}" OWNER TO bmis_owner;
-- as every process asks when it connects, and pgbouncer does not hand on; a look narrows it (borders/services/row_guard.py)
ALTER ROLE bmis_app IN DATABASE "${POSTGRES_DB:-bmis}" SET bmis.scope = 'all';
ALTER ROLE bmis_app IN DATABASE "${POSTGRES_DB:-bmis}" SET plan_cache_mode = 'force_generic_plan';
ALTER ROLE bmis_owner IN DATABASE "${POSTGRES_DB:-bmis}" SET bmis.scope = 'all';
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS bmis_galleries AUTHORIZATION bmis_app;
SQL
