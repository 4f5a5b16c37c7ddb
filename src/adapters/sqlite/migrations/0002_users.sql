-- Who may use the store. Small tables with random keys, off the path of orders.

-- Emails are compared byte by byte. Tokens of an earlier `generation` are refused.
CREATE TABLE users(
  id             BLOB PRIMARY KEY,
  email          TEXT NOT NULL UNIQUE,
  password_hash  TEXT NOT NULL,
  first_name     TEXT NOT NULL,
  last_name      TEXT NOT NULL,
  role           TEXT NOT NULL,
  status         TEXT NOT NULL,
  email_verified INTEGER NOT NULL,
  generation     INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- "Is there an administrator" must not read a million customers.
CREATE INDEX users_role ON users(role, id);

-- One row a sign-in: a family of refresh tokens of which `token` is the one that is good now.
CREATE TABLE sessions(
  id         BLOB PRIMARY KEY,
  user       BLOB NOT NULL,
  token      BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address    TEXT NOT NULL,
  agent      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions(user, id);

-- Never updated, never deleted; a sequence is never used twice.
CREATE TABLE audit(
  sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
  at          INTEGER NOT NULL,
  actor       BLOB NOT NULL,
  actor_email TEXT NOT NULL,
  action      TEXT NOT NULL,
  subject     TEXT NOT NULL,
  reason      TEXT NOT NULL,
  details     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_actor ON audit(actor, sequence);
CREATE INDEX audit_subject ON audit(subject, sequence);

-- What the nodes of this store share and nobody else may read.
CREATE TABLE secrets(
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
