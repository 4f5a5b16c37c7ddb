-- The event store and its read models, all of it in schema edda: the connections that run this see no other schema. Ids and digests are
-- uuids, instants are timestamptz, money is in minor units. Every index is paid for on every order placed, so each says what it is for.

-- One row: what the store is. `generation` changes when a store is restored; `feature_level` is raised by an operator.
CREATE TABLE store(
  one           boolean PRIMARY KEY DEFAULT true CHECK (one),
  generation    uuid NOT NULL,
  feature_level integer NOT NULL,
  shards        integer NOT NULL CHECK (shards BETWEEN 1 AND 16384)
);

-- Whoever appends to a shard holds its row until the commit: positions are in commit order, without a gap. Hot rows: nearly empty pages
-- keep their updates within the page.
CREATE TABLE shards(
  shard    integer PRIMARY KEY,
  epoch    bigint NOT NULL DEFAULT 0,
  last_pos bigint NOT NULL DEFAULT 0,
  last_at  timestamptz NOT NULL DEFAULT 'epoch',
  owner    text COLLATE "C" NOT NULL DEFAULT '',
  since    timestamptz  -- when the owner took it
) WITH (fillfactor = 10);

-- The log, and the outbox. Never updated, never deleted.
CREATE TABLE events(
  shard       integer NOT NULL,
  pos         bigint NOT NULL,
  stream      uuid NOT NULL,
  version     bigint NOT NULL,
  at          timestamptz NOT NULL,
  turn        uuid NOT NULL,
  correlation uuid NOT NULL,
  causation   uuid,
  type        text COLLATE "C" NOT NULL,
  node        text COLLATE "C" NOT NULL,
  data        text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, pos)
);
-- Folding a stream, and the last line of defence against two writers of one version.
CREATE UNIQUE INDEX events_stream ON events(stream, version);

-- Command keys (version > 0: where the turn's first event stands) and claims (version 0: the stream that holds the key). A key is a
-- digest of 16 bytes, which a uuid holds without a length.
CREATE TABLE keys(
  key         uuid PRIMARY KEY,
  stream      uuid NOT NULL,
  version     bigint NOT NULL,
  fingerprint bigint NOT NULL
);

-- Read models, written in the transaction of their events, under the shard's row. A row's created_at is the time of its stream's first
-- event, updated_at that of the last one.
CREATE TABLE order_view(
  id          uuid PRIMARY KEY,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  version     bigint NOT NULL,
  total_minor bigint NOT NULL,
  user_id     uuid NOT NULL,
  payment_id  uuid NOT NULL,
  saga_id     uuid NOT NULL,
  status      text COLLATE "C" NOT NULL,
  currency    text COLLATE "C" NOT NULL
) WITH (fillfactor = 85);
-- All orders, newest first.
CREATE INDEX order_view_list ON order_view(created_at, id);
-- A user's own orders, newest first; payments and sagas of a user are found through them.
CREATE INDEX order_view_user ON order_view(user_id, created_at, id);
-- The few orders that are still on their way, among millions that are not.
CREATE INDEX order_view_open ON order_view(created_at, id) WHERE status IN ('pending', 'cancelling');

CREATE TABLE payment_view(
  id                      uuid PRIMARY KEY,
  created_at              timestamptz NOT NULL,
  updated_at              timestamptz NOT NULL,
  version                 bigint NOT NULL,
  amount_minor            bigint NOT NULL,
  refunded_minor          bigint NOT NULL,
  order_id                uuid NOT NULL,
  user_id                 uuid NOT NULL,
  status                  text COLLATE "C" NOT NULL,
  currency                text COLLATE "C" NOT NULL,
  external_transaction_id text COLLATE "C" NOT NULL,
  failure_reason          text COLLATE "C" NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX payment_view_list ON payment_view(created_at, id);
-- The payment of an order. Order ids grow with time, so new entries lie together.
CREATE INDEX payment_view_order ON payment_view(order_id);

-- The steps are JSON arrays of names.
CREATE TABLE saga_view(
  id                 uuid PRIMARY KEY,
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  version            bigint NOT NULL,
  definition_version integer NOT NULL,
  shard              integer NOT NULL,
  order_id           uuid NOT NULL,
  user_id            uuid NOT NULL,
  definition         text COLLATE "C" NOT NULL,
  status             text COLLATE "C" NOT NULL,
  current_step       text COLLATE "C" NOT NULL,
  completed_steps    text COLLATE "C" NOT NULL,
  compensation_steps text COLLATE "C" NOT NULL,
  error              text COLLATE "C" NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX saga_view_list ON saga_view(created_at, id);
-- All sagas of an order: its processing, cancellations, refunds.
CREATE INDEX saga_view_order ON saga_view(order_id);
-- What a new owner of the shard must look at.
CREATE INDEX saga_view_live ON saga_view(shard, created_at, id)
  WHERE status IN ('started', 'compensating', 'parked', 'paused');

-- Products and their stock: a row holds a product's whole state, so that nobody folds the stream of one that sells well. Quantities are
-- thousandths of a piece.
CREATE TABLE product_view(
  id         uuid PRIMARY KEY,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL,
  available  bigint NOT NULL,
  held       bigint NOT NULL,
  merchant   uuid NOT NULL,
  tracked    boolean NOT NULL,
  product    text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX product_view_list ON product_view(created_at, id);
-- A merchant's own products, newest first.
CREATE INDEX product_view_merchant ON product_view(merchant, created_at, id);

-- How many there are: orders, payments and sagas by status, events by type. Rows for each shard, because all nodes count at once: whoever
-- holds a shard's row may count under it, whatever it counts. A count of the store is the sum of them.
CREATE TABLE totals(
  shard integer NOT NULL,
  kind  text COLLATE "C" NOT NULL,
  name  text COLLATE "C" NOT NULL,
  n     bigint NOT NULL,
  PRIMARY KEY (shard, kind, name)
) WITH (fillfactor = 25);

-- A node lives as long as `alive_until` is not past, by the server's clock.
CREATE TABLE nodes(
  node        text COLLATE "C" PRIMARY KEY,
  alive_until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- The last position that a reader of a shard has handled. A take-over raises the epoch, and so waits for a move that is on its way.
CREATE TABLE cursors(
  reader text COLLATE "C" NOT NULL,
  shard  integer NOT NULL,
  epoch  bigint NOT NULL,
  pos    bigint NOT NULL,
  PRIMARY KEY (reader, shard)
) WITH (fillfactor = 50);
