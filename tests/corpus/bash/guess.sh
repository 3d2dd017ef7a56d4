lo=1 hi=1000
while :; do
  m=$(( (lo + hi) / 2 ))
  echo $m
  read -r s
  case $s in higher) lo=$((m + 1)) ;; lower) hi=$((m - 1)) ;; *) exit 0 ;; esac
done
