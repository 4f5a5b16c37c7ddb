-- What a node's release knows is shown with its heartbeat, so that the store's level is not raised over a node that would not understand it.
-- Releases that do not show it know the levels 1 and 2.
ALTER TABLE nodes ADD COLUMN newest_level integer NOT NULL DEFAULT 2;

-- As before, and says what the node's release knows. The one that says nothing stays for nodes that are upgraded later than this one.
CREATE FUNCTION beat(p_node text, p_lease_ms bigint, p_newest_level bigint)
  RETURNS TABLE(shard integer, node text, epoch bigint, alive boolean, at timestamptz, since timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO nodes (node, alive_until, newest_level) VALUES (p_node, 'epoch', p_newest_level)
    ON CONFLICT (node) DO UPDATE SET newest_level = excluded.newest_level WHERE nodes.newest_level <> excluded.newest_level;
  RETURN QUERY SELECT * FROM beat(p_node, p_lease_ms);
END $$;
