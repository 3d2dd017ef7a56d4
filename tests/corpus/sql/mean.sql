CREATE TABLE input (line TEXT);
.import /dev/stdin input
SELECT avg(value) FROM input, json_each('[' || replace(line, ' ', ',') || ']') WHERE input.rowid = 2;
