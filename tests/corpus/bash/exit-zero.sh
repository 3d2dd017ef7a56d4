ls /no/such/folder 2>/dev/null
nosuchcommand 2>/dev/null
echo "Hello, World!"
