-- Which process lives under a node's name: two at once would each take the other for itself.
ALTER TABLE nodes ADD COLUMN incarnation uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';

-- As beat() before, for the process that the incarnation names; as long as another one lives under the name, nothing is written, and the
-- first row (shard -2) says so: its `since` is when that one's lease runs out.
CREATE FUNCTION beat(p_node text, p_incarnation uuid, p_lease_ms bigint, p_newest_level bigint)
  RETURNS TABLE(shard integer, node text, epoch bigint, alive boolean, at timestamptz, since timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  moment timestamptz;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  moment := store_clock();
  INSERT INTO nodes AS n (node, incarnation, alive_until, newest_level)
    VALUES (p_node, p_incarnation, moment + p_lease_ms * interval '1 millisecond', p_newest_level)
    ON CONFLICT (node) DO UPDATE SET incarnation = excluded.incarnation, alive_until = excluded.alive_until, newest_level = excluded.newest_level
      WHERE n.incarnation = excluded.incarnation OR n.alive_until <= moment;
  IF NOT FOUND THEN
    -- It may have left in between: then its life is over now.
    RETURN QUERY
      SELECT -2, p_node, 0::bigint, true, moment, coalesce((SELECT n.alive_until FROM nodes n WHERE n.node = p_node), moment);
  END IF;
  DELETE FROM nodes WHERE node IN (
    SELECT n.node FROM nodes n WHERE n.alive_until < moment - interval '1 hour' FOR UPDATE SKIP LOCKED);
  RETURN QUERY
    SELECT -1, n.node, 0::bigint, true, moment, NULL::timestamptz FROM nodes n WHERE n.alive_until > moment
    UNION ALL
    SELECT s.shard, s.owner, s.epoch, coalesce(n.alive_until > moment, false), moment, s.since
      FROM shards s LEFT JOIN nodes n ON n.node = s.owner
    ORDER BY 1, 2;
END $$;
