CREATE TABLE input (n INTEGER);
.import /dev/stdin input
WITH RECURSIVE c(i) AS (SELECT n FROM input UNION ALL SELECT i - 1 FROM c WHERE i > 0) SELECT sum(i) FROM c;
