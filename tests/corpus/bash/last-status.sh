echo "Hello, World!"
[ -f /no/such/file ]
