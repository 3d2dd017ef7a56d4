read n
exec seq 1 "$n"
