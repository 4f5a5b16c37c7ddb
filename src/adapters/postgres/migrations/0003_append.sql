-- The two things that change the log, each one call and so one transaction with one commit. They run in READ COMMITTED: every statement in
-- them sees what was committed before it began, which is why each look comes after the lock that it needs.

-- Appends a batch of turns, each whole or not at all, and answers each on its own. Parameters are columns; an index counts from 1, and 0
-- is none; *_to is the index of a turn's last entry in the lists of all turns.
--
-- Order (it keeps two appends from waiting for one another in a circle): keys and claims first, ascending, while no shard is held; then
-- the shards' rows, ascending; then versions and all else, which belongs to a shard that is held.
CREATE FUNCTION append_turns(
  h_shard int[],                                                               -- shards of the batch, ascending
  s_id uuid[],                                                                 -- streams of the batch
  k_key uuid[], k_stream uuid[], k_version bigint[], k_fingerprint bigint[],   -- keys, ascending, as their first turn would store them
  n_name text[],                                                               -- nodes
  t_id uuid[], t_shard int[], t_at timestamptz[], t_epoch bigint[], t_node int[], t_correlation uuid[], t_causation uuid[],
  t_same int[],                                                                -- an earlier turn of the batch with the same id
  t_key int[], t_key_stream int[], t_key_version bigint[], t_fingerprint bigint[],
  t_events_to int[], t_expected_to int[], t_after_to int[], t_claims_to int[],
  e_turn int[], e_stream int[], e_version bigint[], e_type text[], e_data text[],
  x_stream int[], x_version bigint[],                                          -- expected versions
  f_turn int[],                                                                -- earlier turns whose outcome was folded; 0: one that is not there
  c_key int[], c_stream int[],                                                 -- claims
  o_turn int[], o_stream int[], o_user uuid[], o_status text[], o_total bigint[], o_currency text[], o_payment uuid[], o_saga uuid[],
  o_version bigint[],
  p_turn int[], p_stream int[], p_order uuid[], p_user uuid[], p_status text[], p_amount bigint[], p_currency text[],
  p_refunded bigint[], p_external text[], p_failure text[], p_version bigint[],
  g_turn int[], g_stream int[], g_order uuid[], g_user uuid[], g_definition text[], g_definition_version int[], g_status text[],
  g_current_step text[], g_completed text[], g_compensation text[], g_error text[], g_version bigint[],
  r_turn int[], r_stream int[], r_product text[], r_name text[], r_merchant uuid[], r_tracked boolean[], r_available bigint[],
  r_held bigint[], r_version bigint[])
-- Of each turn, in order. 0 appended: n is the position of its first event. 1 duplicate, 2 the same of another request: id and n are
-- stream and version. 3 conflict: id and n are stream and actual version. 4 claimed: id holds key n. 5 fenced: n is the epoch.
RETURNS TABLE(answer int, answer_id uuid, answer_n bigint, answer_at timestamptz)
LANGUAGE plpgsql
-- One plan for all calls, and none that reads a whole table: it may have been made while the table was small.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $append$
DECLARE
  none CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
  no_epoch CONSTANT bigint := -1;
  undecided CONSTANT int := -1;
  turns CONSTANT int := cardinality(t_id);
  won uuid[];
  stored record;
  h_pos bigint[];
  h_at timestamptz[];
  h_epoch bigint[];
  h_moved boolean[] := array_fill(false, ARRAY[cardinality(h_shard)]);
  s_stored bigint[];   -- versions as they were before the batch
  s_version bigint[];  -- and as the turns that passed leave them
  s_created timestamptz[] := array_fill(NULL::timestamptz, ARRAY[cardinality(s_id)]);  -- of streams that begin in this batch
  k_taken boolean[] := array_fill(false, ARRAY[cardinality(k_key)]);    -- somebody holds the key
  k_ours boolean[] := array_fill(true, ARRAY[cardinality(k_key)]);      -- this call inserted it
  k_changed boolean[] := array_fill(false, ARRAY[cardinality(k_key)]);  -- it is held as another turn than its first would
  t_stands boolean[] := array_fill(false, ARRAY[turns]);    -- stored, before or now
  t_written boolean[] := array_fill(false, ARRAY[turns]);   -- stored now, with events
  s_row int[] := array_fill(0, ARRAY[cardinality(s_id)]);  -- the last row of each stream, in the list of its kind, of turns that are stored now
  o_before text[] := '{}';  -- statuses that rows leave
  p_before text[] := '{}';
  g_before text[] := '{}';
  a_kind int[] := array_fill(undecided, ARRAY[turns]);
  a_id uuid[] := array_fill(none, ARRAY[turns]);
  a_n bigint[] := array_fill(0::bigint, ARRAY[turns]);
  a_at timestamptz[] := array_fill('epoch'::timestamptz, ARRAY[turns]);
  h int;
  k int;
  first_event int;
  last_event int := 0;
  first_expected int;
  last_expected int := 0;
  first_after int;
  last_after int := 0;
  first_claim int;
  last_claim int := 0;
BEGIN
  IF cardinality(k_key) > 0 THEN
    WITH inserted AS (
      INSERT INTO keys(key, stream, version, fingerprint)
      SELECT * FROM unnest(k_key, k_stream, k_version, k_fingerprint)
      ON CONFLICT DO NOTHING
      RETURNING key)
    SELECT coalesce(array_agg(inserted.key), '{}') INTO won FROM inserted;
    IF cardinality(won) < cardinality(k_key) THEN
      FOR i IN 1 .. cardinality(k_key) LOOP
        CONTINUE WHEN k_key[i] = ANY(won);
        SELECT keys.stream, keys.version, keys.fingerprint INTO stored FROM keys WHERE keys.key = k_key[i];
        IF NOT FOUND THEN
          RAISE SQLSTATE '40001' USING MESSAGE = 'a key has gone meanwhile';
        END IF;
        k_ours[i] := false;
        k_taken[i] := true;
        k_stream[i] := stored.stream;
        k_version[i] := stored.version;
        k_fingerprint[i] := stored.fingerprint;
      END LOOP;
    END IF;
  END IF;

  SELECT array_agg(held.last_pos ORDER BY held.shard), array_agg(held.last_at ORDER BY held.shard),
         array_agg(held.epoch ORDER BY held.shard)
  INTO h_pos, h_at, h_epoch
  FROM (SELECT shards.shard, shards.last_pos, shards.last_at, shards.epoch FROM shards WHERE shards.shard = ANY(h_shard)
        ORDER BY shards.shard FOR UPDATE) held;
  IF cardinality(h_pos) IS DISTINCT FROM cardinality(h_shard) THEN
    RAISE SQLSTATE '22023' USING MESSAGE = 'the store has no such shard';
  END IF;

  SELECT array_agg(coalesce((SELECT events.version FROM events WHERE events.stream = s.id ORDER BY events.version DESC LIMIT 1), 0)
                   ORDER BY s.i)
  INTO s_stored
  FROM unnest(s_id) WITH ORDINALITY AS s(id, i);
  s_version := s_stored;

  <<each_turn>>
  FOR t IN 1 .. turns LOOP
    h := t_shard[t];
    k := t_key[t];
    first_event := last_event + 1;
    last_event := t_events_to[t];
    first_expected := last_expected + 1;
    last_expected := t_expected_to[t];
    first_after := last_after + 1;
    last_after := t_after_to[t];
    first_claim := last_claim + 1;
    last_claim := t_claims_to[t];

    -- Stored before? A turn is stored whole, so its first event tells.
    IF t_same[t] > 0 AND t_stands[t_same[t]] THEN
      a_kind[t] := 0;
      a_n[t] := a_n[t_same[t]];
      a_at[t] := a_at[t_same[t]];
      t_stands[t] := true;
      CONTINUE;
    END IF;
    IF last_event >= first_event AND s_stored[e_stream[first_event]] >= e_version[first_event] THEN
      SELECT events.pos, events.at INTO stored FROM events
      WHERE events.stream = s_id[e_stream[first_event]] AND events.version = e_version[first_event] AND events.turn = t_id[t];
      IF FOUND THEN
        a_kind[t] := 0;
        a_n[t] := stored.pos;
        a_at[t] := stored.at;
        t_stands[t] := true;
        CONTINUE;
      END IF;
    END IF;

    IF k > 0 AND k_taken[k] THEN
      a_kind[t] := CASE WHEN k_fingerprint[k] = t_fingerprint[t] THEN 1 ELSE 2 END;
      a_id[t] := k_stream[k];
      a_n[t] := k_version[k];
      CONTINUE;
    END IF;

    IF t_epoch[t] <> no_epoch AND t_epoch[t] <> h_epoch[h] THEN
      a_kind[t] := 5;
      a_n[t] := h_epoch[h];
      CONTINUE;
    END IF;

    FOR x IN first_expected .. last_expected LOOP
      IF s_version[x_stream[x]] <> x_version[x] THEN
        a_kind[t] := 3;
        a_id[t] := s_id[x_stream[x]];
        a_n[t] := s_version[x_stream[x]];
        CONTINUE each_turn;
      END IF;
    END LOOP;
    -- What the turn was folded over was not written: the versions agree by chance only.
    FOR x IN first_after .. last_after LOOP
      IF NOT coalesce(t_stands[f_turn[x]], false) THEN
        a_kind[t] := 3;
        IF last_expected >= first_expected THEN
          a_id[t] := s_id[x_stream[first_expected]];
          a_n[t] := x_version[first_expected];
        END IF;
        CONTINUE each_turn;
      END IF;
    END LOOP;

    FOR x IN first_claim .. last_claim LOOP
      IF k_taken[c_key[x]] AND k_stream[c_key[x]] <> s_id[c_stream[x]] THEN
        a_kind[t] := 4;
        a_id[t] := k_stream[c_key[x]];
        a_n[t] := c_key[x];
        CONTINUE each_turn;
      END IF;
    END LOOP;

    a_kind[t] := 0;
    a_n[t] := h_pos[h] + 1;
    a_at[t] := greatest(t_at[t], h_at[h]);
    t_stands[t] := true;
    CONTINUE WHEN last_event < first_event;
    t_written[t] := true;
    h_moved[h] := true;
    h_at[h] := a_at[t];
    h_pos[h] := h_pos[h] + last_event - first_event + 1;
    FOR x IN first_event .. last_event LOOP
      s_version[e_stream[x]] := e_version[x];
      IF e_version[x] = 1 THEN
        s_created[e_stream[x]] := a_at[t];
      END IF;
    END LOOP;
    IF k > 0 THEN
      k_taken[k] := true;
      k_changed[k] := (k_stream[k], k_version[k], k_fingerprint[k]) <> (s_id[t_key_stream[t]], t_key_version[t], t_fingerprint[t]);
      k_stream[k] := s_id[t_key_stream[t]];
      k_version[k] := t_key_version[t];
      k_fingerprint[k] := t_fingerprint[t];
    END IF;
    FOR x IN first_claim .. last_claim LOOP
      k := c_key[x];
      CONTINUE WHEN k_taken[k];
      k_taken[k] := true;
      k_changed[k] := (k_stream[k], k_version[k], k_fingerprint[k]) <> (s_id[c_stream[x]], 0, 0);
      k_stream[k] := s_id[c_stream[x]];
      k_version[k] := 0;
      k_fingerprint[k] := 0;
    END LOOP;
  END LOOP;

  FOR i IN 1 .. cardinality(k_key) LOOP
    IF k_ours[i] AND NOT k_taken[i] THEN
      DELETE FROM keys WHERE keys.key = k_key[i];
    ELSIF k_changed[i] THEN
      UPDATE keys SET stream = k_stream[i], version = k_version[i], fingerprint = k_fingerprint[i] WHERE keys.key = k_key[i];
    END IF;
  END LOOP;

  IF true = ANY(t_written) THEN
    FOR i IN 1 .. cardinality(h_shard) LOOP
      IF h_moved[i] THEN
        UPDATE shards SET last_pos = h_pos[i], last_at = h_at[i] WHERE shards.shard = h_shard[i];
      END IF;
    END LOOP;

    INSERT INTO events(shard, pos, stream, version, at, turn, correlation, causation, type, node, data)
    SELECT h_shard[t_shard[e.turn]], a_n[e.turn] + e.i - coalesce(t_events_to[e.turn - 1], 0) - 1, s_id[e.stream], e.version,
           a_at[e.turn], t_id[e.turn], t_correlation[e.turn], nullif(t_causation[e.turn], none), e.type, n_name[t_node[e.turn]],
           e.data
    FROM unnest(e_turn, e_stream, e_version, e_type, e_data) WITH ORDINALITY AS e(turn, stream, version, type, data, i)
    WHERE t_written[e.turn];

    -- Read models: of several rows of one stream the last counts. A stream that begins here has no row yet; another one's row is found
    -- once, and put anew where it stands (its shard is held); where it is missing, `edda rebuild` makes it.
    IF cardinality(o_turn) > 0 THEN
      FOR i IN 1 .. cardinality(o_turn) LOOP
        IF t_written[o_turn[i]] THEN
          s_row[o_stream[i]] := i;
        END IF;
      END LOOP;
      INSERT INTO order_view(id, created_at, updated_at, version, total_minor, user_id, payment_id, saga_id, status, currency)
      SELECT s_id[o.stream], s_created[o.stream], a_at[o.turn], o.version, o.total, o.user_id, o.payment_id, o.saga_id, o.status,
             o.currency
      FROM unnest(o_turn, o_stream, o_user, o_status, o_total, o_currency, o_payment, o_saga, o_version) WITH ORDINALITY
        AS o(turn, stream, user_id, status, total, currency, payment_id, saga_id, version, i)
      WHERE s_row[o.stream] = o.i AND s_created[o.stream] IS NOT NULL;
      WITH old AS MATERIALIZED (
        SELECT v.ctid AS place, v.status AS before, a_at[o.turn] AS updated_at, o.*
        FROM unnest(o_turn, o_stream, o_user, o_status, o_total, o_currency, o_payment, o_saga, o_version) WITH ORDINALITY
          AS o(turn, stream, user_id, status, total, currency, payment_id, saga_id, version, i)
        JOIN order_view v ON v.id = s_id[o.stream]
        WHERE s_row[o.stream] = o.i AND s_created[o.stream] IS NULL),
      put AS (
        UPDATE order_view v SET updated_at = old.updated_at, version = old.version, total_minor = old.total, status = old.status,
                                currency = old.currency
        FROM old WHERE v.ctid = old.place)
      SELECT coalesce(array_agg(old.before), '{}') INTO o_before FROM old;
    END IF;

    IF cardinality(p_turn) > 0 THEN
      FOR i IN 1 .. cardinality(p_turn) LOOP
        IF t_written[p_turn[i]] THEN
          s_row[p_stream[i]] := i;
        END IF;
      END LOOP;
      INSERT INTO payment_view(id, created_at, updated_at, version, amount_minor, refunded_minor, order_id, user_id, status, currency,
                               external_transaction_id, failure_reason)
      SELECT s_id[p.stream], s_created[p.stream], a_at[p.turn], p.version, p.amount, p.refunded, p.order_id, p.user_id, p.status,
             p.currency, p.external, p.failure
      FROM unnest(p_turn, p_stream, p_order, p_user, p_status, p_amount, p_currency, p_refunded, p_external, p_failure,
                  p_version) WITH ORDINALITY
        AS p(turn, stream, order_id, user_id, status, amount, currency, refunded, external, failure, version, i)
      WHERE s_row[p.stream] = p.i AND s_created[p.stream] IS NOT NULL;
      WITH old AS MATERIALIZED (
        SELECT v.ctid AS place, v.status AS before, a_at[p.turn] AS updated_at, p.*
        FROM unnest(p_turn, p_stream, p_order, p_user, p_status, p_amount, p_currency, p_refunded, p_external, p_failure,
                  p_version) WITH ORDINALITY
          AS p(turn, stream, order_id, user_id, status, amount, currency, refunded, external, failure, version, i)
        JOIN payment_view v ON v.id = s_id[p.stream]
        WHERE s_row[p.stream] = p.i AND s_created[p.stream] IS NULL),
      put AS (
        UPDATE payment_view v SET updated_at = old.updated_at, version = old.version, amount_minor = old.amount,
                                  refunded_minor = old.refunded, status = old.status, currency = old.currency,
                                  external_transaction_id = old.external, failure_reason = old.failure
        FROM old WHERE v.ctid = old.place)
      SELECT coalesce(array_agg(old.before), '{}') INTO p_before FROM old;
    END IF;

    IF cardinality(g_turn) > 0 THEN
      FOR i IN 1 .. cardinality(g_turn) LOOP
        IF t_written[g_turn[i]] THEN
          s_row[g_stream[i]] := i;
        END IF;
      END LOOP;
      INSERT INTO saga_view(id, created_at, updated_at, version, definition_version, shard, order_id, user_id, definition, status,
                            current_step, completed_steps, compensation_steps, error)
      SELECT s_id[g.stream], s_created[g.stream], a_at[g.turn], g.version, g.definition_version, h_shard[t_shard[g.turn]], g.order_id,
             g.user_id, g.definition, g.status, g.current_step, g.completed, g.compensation, g.error
      FROM unnest(g_turn, g_stream, g_order, g_user, g_definition, g_definition_version, g_status, g_current_step, g_completed,
                  g_compensation, g_error, g_version) WITH ORDINALITY
        AS g(turn, stream, order_id, user_id, definition, definition_version, status, current_step, completed, compensation, error,
             version, i)
      WHERE s_row[g.stream] = g.i AND s_created[g.stream] IS NOT NULL;
      WITH old AS MATERIALIZED (
        SELECT v.ctid AS place, v.status AS before, a_at[g.turn] AS updated_at, g.*
        FROM unnest(g_turn, g_stream, g_order, g_user, g_definition, g_definition_version, g_status, g_current_step, g_completed,
                    g_compensation, g_error, g_version) WITH ORDINALITY
          AS g(turn, stream, order_id, user_id, definition, definition_version, status, current_step, completed, compensation, error,
               version, i)
        JOIN saga_view v ON v.id = s_id[g.stream]
        WHERE s_row[g.stream] = g.i AND s_created[g.stream] IS NULL),
      put AS (
        UPDATE saga_view v SET updated_at = old.updated_at, version = old.version, definition = old.definition,
                               definition_version = old.definition_version, status = old.status, current_step = old.current_step,
                               completed_steps = old.completed, compensation_steps = old.compensation, error = old.error
        FROM old WHERE v.ctid = old.place)
      SELECT coalesce(array_agg(old.before), '{}') INTO g_before FROM old;
    END IF;

    -- Counted under the batch's first shard, whichever shard it is in: only the sum over the shards is ever asked for.
    INSERT INTO totals(shard, kind, name, n)
    SELECT h_shard[1], changed.kind, changed.name, sum(changed.n)
    FROM (SELECT 'event' AS kind, e.type AS name, 1 AS n FROM unnest(e_turn, e_type) AS e(turn, type) WHERE t_written[e.turn]
          UNION ALL SELECT 'order', o.status, 1 FROM unnest(o_stream, o_status) WITH ORDINALITY AS o(stream, status, i)
            WHERE s_row[o.stream] = o.i
          UNION ALL SELECT 'order', o.status, -1 FROM unnest(o_before) AS o(status)
          UNION ALL SELECT 'payment', p.status, 1 FROM unnest(p_stream, p_status) WITH ORDINALITY AS p(stream, status, i)
            WHERE s_row[p.stream] = p.i
          UNION ALL SELECT 'payment', p.status, -1 FROM unnest(p_before) AS p(status)
          UNION ALL SELECT 'saga', g.status, 1 FROM unnest(g_stream, g_status) WITH ORDINALITY AS g(stream, status, i)
            WHERE s_row[g.stream] = g.i
          UNION ALL SELECT 'saga', g.status, -1 FROM unnest(g_before) AS g(status)) AS changed
    GROUP BY changed.kind, changed.name HAVING sum(changed.n) <> 0
    ON CONFLICT (shard, kind, name) DO UPDATE SET n = totals.n + excluded.n;

    IF cardinality(r_turn) > 0 THEN
      INSERT INTO product_view(id, created_at, updated_at, version, available, held, merchant, tracked, product, name)
      SELECT DISTINCT ON (r.stream) s_id[r.stream],
             coalesce(s_created[r.stream],
                      (SELECT events.at FROM events WHERE events.stream = s_id[r.stream] AND events.version = 1)),
             a_at[r.turn], r.version, r.available, r.held, r.merchant, r.tracked, r.product, r.name
      FROM unnest(r_turn, r_stream, r_product, r_name, r_merchant, r_tracked, r_available, r_held, r_version)
        AS r(turn, stream, product, name, merchant, tracked, available, held, version)
      WHERE t_written[r.turn]
      ORDER BY r.stream, r.turn DESC
      ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, version = excluded.version, available = excluded.available,
        held = excluded.held, tracked = excluded.tracked, name = excluded.name;
    END IF;
  END IF;

  RETURN QUERY SELECT * FROM unnest(a_kind, a_id, a_n, a_at);
END
$append$;

-- Makes a node the owner of a shard: no row when `if_epoch` (may be NULL) is not the shard's epoch any more. The first row has no saga;
-- the live sagas follow. Raising the epoch comes first, because it locks the shard's row: what is read afterwards stays.
CREATE FUNCTION take_over(of_shard bigint, by_node text, if_epoch bigint)
RETURNS TABLE(new_epoch bigint, log_end bigint, live_saga uuid, live_order uuid)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $take$
BEGIN
  UPDATE shards SET epoch = shards.epoch + 1, owner = by_node, since = clock_timestamp()
  WHERE shards.shard = of_shard AND (if_epoch IS NULL OR shards.epoch = if_epoch)
  RETURNING shards.epoch, shards.last_pos INTO new_epoch, log_end;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE cursors SET epoch = new_epoch WHERE cursors.shard = of_shard;
  RETURN NEXT;
  RETURN QUERY
    SELECT new_epoch, log_end, saga_view.id, saga_view.order_id FROM saga_view
    WHERE saga_view.shard = of_shard AND saga_view.status IN ('started', 'compensating', 'parked', 'paused')
    ORDER BY saga_view.created_at, saga_view.id;
END
$take$;
