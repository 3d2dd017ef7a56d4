WITH text AS (SELECT trim(replace(readfile('/dev/stdin'), char(10), ' ')) AS t)
SELECT sum(value) FROM text, json_each('[' || replace(substr(t, instr(t, ' ') + 1), ' ', ',') || ']');
