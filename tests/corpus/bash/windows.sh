if true; then
  read a b
  echo $((a + b))
fi
