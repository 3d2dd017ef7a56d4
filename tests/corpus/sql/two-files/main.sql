.read /p/schema.sql
.separator ' '
.import /dev/stdin numbers
SELECT a + b FROM numbers;
