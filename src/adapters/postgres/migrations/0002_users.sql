-- Who may use the store. Small tables with random keys, off the path of orders.

-- Emails are compared byte by byte. Tokens of an earlier `generation` are refused.
CREATE TABLE users(
  id             uuid PRIMARY KEY,
  generation     bigint NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  email_verified boolean NOT NULL,
  email          text COLLATE "C" NOT NULL CONSTRAINT users_email UNIQUE,
  password_hash  text COLLATE "C" NOT NULL,
  first_name     text NOT NULL,
  last_name      text NOT NULL,
  role           text COLLATE "C" NOT NULL,
  status         text COLLATE "C" NOT NULL
);
-- "Is there an administrator" must not read a million customers.
CREATE INDEX users_role ON users(role, id);

-- One row a sign-in: a family of refresh tokens of which `token` is the one that is good now. The one before it may come once more
-- before `previous_until`.
CREATE TABLE sessions(
  id             uuid PRIMARY KEY,
  user_id        uuid NOT NULL,
  token          uuid NOT NULL,
  previous       uuid NOT NULL,
  previous_until timestamptz NOT NULL,
  created_at     timestamptz NOT NULL,
  used_at        timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  address        text NOT NULL,
  agent          text NOT NULL
);
CREATE INDEX sessions_user ON sessions(user_id, id);

-- Never updated, never deleted; a sequence is never used twice.
CREATE TABLE audit(
  sequence    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL,
  actor       uuid NOT NULL,
  actor_email text COLLATE "C" NOT NULL,
  action      text COLLATE "C" NOT NULL,
  subject     text COLLATE "C" NOT NULL,
  reason      text NOT NULL,
  details     text NOT NULL
);
CREATE INDEX audit_actor ON audit(actor, sequence);
CREATE INDEX audit_subject ON audit(subject, sequence);

-- What the nodes of this store share and nobody else may read.
CREATE TABLE secrets(
  name  text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);
