CREATE TABLE input (line TEXT);
.import /dev/stdin input
WITH RECURSIVE r(i, s) AS (
  SELECT length(line), '' FROM input
  UNION ALL SELECT i - 1, s || substr(line, i, 1) FROM r, input WHERE i > 0
)
SELECT s FROM r WHERE i = 0;
