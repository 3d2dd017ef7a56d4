CREATE TABLE input (n INTEGER);
.import /dev/stdin input
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c, input WHERE i < n) SELECT i FROM c;
.exit
