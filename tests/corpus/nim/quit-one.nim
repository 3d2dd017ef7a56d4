echo "Hello, World!"
quit(1)
