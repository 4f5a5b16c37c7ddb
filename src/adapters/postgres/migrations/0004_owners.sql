-- Who lives, who owns what, and how far readers have come: each one call.

-- The clock by which nodes live and lapse: the server's, one for all nodes.
CREATE FUNCTION store_clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- `node` lives for so long from now. Then the cluster as of one instant: the living nodes under shard -1, and each shard with its owner.
-- A heartbeat that a crash of the server takes back has lapsed by then: it does not wait for the disk.
CREATE FUNCTION beat(p_node text, p_lease_ms bigint)
  RETURNS TABLE(shard integer, node text, epoch bigint, alive boolean, at timestamptz, since timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  moment timestamptz;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  moment := store_clock();
  INSERT INTO nodes (node, alive_until) VALUES (p_node, moment + p_lease_ms * interval '1 millisecond')
    ON CONFLICT (node) DO UPDATE SET alive_until = excluded.alive_until;
  DELETE FROM nodes WHERE node IN (
    SELECT n.node FROM nodes n WHERE n.alive_until < moment - interval '1 hour' FOR UPDATE SKIP LOCKED);
  RETURN QUERY
    SELECT -1, n.node, 0::bigint, true, moment, NULL::timestamptz FROM nodes n WHERE n.alive_until > moment
    UNION ALL
    SELECT s.shard, s.owner, s.epoch, coalesce(n.alive_until > moment, false), moment, s.since
      FROM shards s LEFT JOIN nodes n ON n.node = s.owner
    ORDER BY 1, 2;
END $$;

-- Moves a cursor forward. What it answers: the shard's epoch, or NULL when there is no such shard; another epoch than the caller's means
-- that nothing was moved. A take-over raises the epoch of the cursors that stand: the usual move needs no look at the shard. The first
-- move of a cursor holds the shard's row, so that no take-over happens beside it.
-- A move that a crash of the server takes back is made again by the reader, who handles the events again: it does not wait for the disk.
CREATE FUNCTION move_cursor(p_reader text, p_shard bigint, p_epoch bigint, p_pos bigint)
  RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  current bigint;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE cursors SET pos = greatest(pos, p_pos) WHERE reader = p_reader AND shard = p_shard AND epoch = p_epoch;
  IF FOUND THEN
    RETURN p_epoch;
  END IF;
  SELECT s.epoch INTO current FROM shards s WHERE s.shard = p_shard FOR UPDATE;
  IF current = p_epoch THEN
    INSERT INTO cursors AS c (reader, shard, epoch, pos) VALUES (p_reader, p_shard, p_epoch, p_pos)
      ON CONFLICT (reader, shard) DO UPDATE SET epoch = excluded.epoch, pos = greatest(c.pos, excluded.pos);
  END IF;
  RETURN current;
END $$;
