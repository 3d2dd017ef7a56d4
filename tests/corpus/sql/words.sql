CREATE TABLE input (line TEXT);
.import /dev/stdin input
.separator ' '
WITH RECURSIVE split(word, rest) AS (
  SELECT '', line || ' ' FROM input
  UNION ALL
  SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM split WHERE rest <> ''
)
SELECT word, count(*) FROM split WHERE word <> '' GROUP BY word ORDER BY word;
