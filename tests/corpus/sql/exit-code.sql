SELECT 'Hello, World!';
.exit 1
