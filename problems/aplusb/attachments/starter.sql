CREATE TABLE input (line TEXT);
.import /dev/stdin input
SELECT substr(line, 1, instr(line, ' ')) + substr(line, instr(line, ' ')) FROM input;
