CREATE TABLE t (w TEXT);
INSERT INTO t
VALUES ('Hello, World!');
SELECT w FROM t;
