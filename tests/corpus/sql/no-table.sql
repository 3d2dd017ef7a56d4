SELECT 'Hello, World!';
SELECT * FROM nothing;
