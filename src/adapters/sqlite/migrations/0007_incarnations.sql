-- Which process lives under the node's name.
ALTER TABLE nodes ADD COLUMN incarnation BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
