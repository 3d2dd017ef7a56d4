echo "Hello, World!";
