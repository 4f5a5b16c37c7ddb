-- Releases before this one wrote level 2 into every store, whatever its row said: from here on the row is asked.
UPDATE store SET feature_level = 2 WHERE feature_level < 2;
