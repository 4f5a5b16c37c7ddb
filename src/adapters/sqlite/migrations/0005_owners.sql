-- Who owns what, and how far each reader of the log has come. One machine has one owner; the tables serve readers that publish.

-- A node lives as long as `alive_until` is not past.
CREATE TABLE nodes(
  node        TEXT PRIMARY KEY,
  alive_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last position that a reader of a shard has handled.
CREATE TABLE cursors(
  reader TEXT NOT NULL,
  shard  INTEGER NOT NULL,
  pos    INTEGER NOT NULL,
  PRIMARY KEY (reader, shard)
) STRICT, WITHOUT ROWID;
