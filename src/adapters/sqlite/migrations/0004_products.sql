-- Products and their stock: a row holds a product's whole state, so that nobody folds the stream of one that sells well. Quantities are
-- thousandths of a piece. Clustered like the other views, in the order of their lists.
CREATE TABLE product_view(
  created_at INTEGER NOT NULL,
  id         BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  product    TEXT NOT NULL,
  name       TEXT NOT NULL,
  merchant   BLOB NOT NULL,
  tracked    INTEGER NOT NULL,
  available  INTEGER NOT NULL,
  held       INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
-- A merchant's own products, newest first.
CREATE INDEX product_view_merchant ON product_view(merchant, created_at, id);
