-- The refresh token before the one that is good now may come once more before `previous_until`.
ALTER TABLE sessions ADD COLUMN previous BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE sessions ADD COLUMN previous_until INTEGER NOT NULL DEFAULT 0;
