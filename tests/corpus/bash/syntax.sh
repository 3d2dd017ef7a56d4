if true; then
  echo "Hello, World!"
