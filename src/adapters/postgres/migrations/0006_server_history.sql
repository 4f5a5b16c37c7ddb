-- Which history the store is in. The server's identifier and its timeline, which a promoted standby raises, and a server that was restored
-- to a point in time. (Of the checkpoint's timeline a server tells some time late, of its log's at once.) The numbers of the database and
-- of the table are others where a dump was restored.
CREATE FUNCTION server_history() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT concat_ws('/', system_identifier, substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8),
                   (SELECT oid FROM pg_database WHERE datname = current_database()), 'store'::regclass::oid)
  FROM pg_control_system()
$$;

ALTER TABLE store ADD COLUMN history text COLLATE "C" NOT NULL DEFAULT server_history();

-- Asked on each new connection, before anything else. In another history the end of the log may be missing: then the store is of a new
-- generation, which whoever comes first gives it.
CREATE FUNCTION meet_server() RETURNS TABLE(generation uuid, feature_level integer) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  present text := server_history();
BEGIN
  IF EXISTS (SELECT 1 FROM store WHERE history <> present) THEN
    UPDATE store SET history = present, generation = gen_random_uuid() WHERE history <> present;
  END IF;
  RETURN QUERY SELECT s.generation, s.feature_level FROM store s;
END $$;
