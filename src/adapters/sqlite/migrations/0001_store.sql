-- The event store and its read models. Ids and digests are 16-byte blobs, instants are microseconds since 1970 (UTC), money is in minor
-- units. Every index is paid for on every order placed, so each says what it is for.

-- One row: what the store is. `generation` changes when a store is restored; `feature_level` is raised by an operator.
CREATE TABLE store(
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  generation    BLOB NOT NULL,
  feature_level INTEGER NOT NULL,
  shards        INTEGER NOT NULL
) STRICT;

CREATE TABLE shards(
  shard    INTEGER PRIMARY KEY,
  last_pos INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  owner    TEXT NOT NULL,
  epoch    INTEGER NOT NULL
) STRICT;

-- The log. `place` is shard and position in one integer (shard * 2^48 + position): rows lie in the file in the order of the log, and the
-- tree's inner pages stay small.
CREATE TABLE events(
  place       INTEGER PRIMARY KEY,
  stream      BLOB NOT NULL,
  version     INTEGER NOT NULL,
  type        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  node        TEXT NOT NULL,
  turn        BLOB NOT NULL,
  correlation BLOB NOT NULL,
  causation   BLOB,
  data        TEXT NOT NULL,
  shard       INTEGER GENERATED ALWAYS AS (place >> 48) VIRTUAL,
  pos         INTEGER GENERATED ALWAYS AS (place & 0xFFFFFFFFFFFF) VIRTUAL
) STRICT;
-- Folding a stream, and the last line of defence against two writers of one version.
CREATE UNIQUE INDEX events_stream ON events(stream, version);

-- Command keys (version > 0: where the turn's first event stands) and claims (version 0: the stream that holds the key).
CREATE TABLE keys(
  key         BLOB PRIMARY KEY,
  stream      BLOB NOT NULL,
  version     INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Read models. A row's created_at is the time of its stream's first event, so (created_at, id) is known from the log: the tables are
-- clustered in the order of the lists, new rows go to their ends, and no second index finds a row by its id.
CREATE TABLE order_view(
  created_at  INTEGER NOT NULL,
  id          BLOB NOT NULL,
  updated_at  INTEGER NOT NULL,
  user        BLOB NOT NULL,
  status      TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  currency    TEXT NOT NULL,
  payment     BLOB NOT NULL,
  saga        BLOB NOT NULL,
  version     INTEGER NOT NULL,
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
-- A user's own orders, newest first; payments and sagas of a user are found through them.
CREATE INDEX order_view_user ON order_view(user, created_at, id);
-- The few orders that are still on their way, among millions that are not.
CREATE INDEX order_view_open ON order_view(created_at, id) WHERE status IN ('pending', 'cancelling');

CREATE TABLE payment_view(
  created_at              INTEGER NOT NULL,
  id                      BLOB NOT NULL,
  updated_at              INTEGER NOT NULL,
  order_id                BLOB NOT NULL,
  user                    BLOB NOT NULL,
  status                  TEXT NOT NULL,
  amount_minor            INTEGER NOT NULL,
  currency                TEXT NOT NULL,
  refunded_minor          INTEGER NOT NULL,
  external_transaction_id TEXT NOT NULL,
  failure_reason          TEXT NOT NULL,
  version                 INTEGER NOT NULL,
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
-- The payment of an order. Order ids grow with time, so new entries lie together.
CREATE INDEX payment_view_order ON payment_view(order_id);

CREATE TABLE saga_view(
  created_at         INTEGER NOT NULL,
  id                 BLOB NOT NULL,
  updated_at         INTEGER NOT NULL,
  order_id           BLOB NOT NULL,
  user               BLOB NOT NULL,
  definition         TEXT NOT NULL,
  definition_version INTEGER NOT NULL,
  status             TEXT NOT NULL,
  current_step       TEXT NOT NULL,
  completed_steps    TEXT NOT NULL,
  compensation_steps TEXT NOT NULL,
  error              TEXT NOT NULL,
  version            INTEGER NOT NULL,
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
-- All sagas of an order: its processing, cancellations, refunds.
CREATE INDEX saga_view_order ON saga_view(order_id);
-- What a new owner of the shard must look at.
CREATE INDEX saga_view_live ON saga_view(created_at, id) WHERE status IN ('started', 'compensating', 'parked', 'paused');

-- How many there are: orders, payments and sagas by status, events by type.
CREATE TABLE totals(
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  n    INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
