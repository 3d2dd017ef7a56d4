read n
seq -s '*' 1 "$n" | bc
