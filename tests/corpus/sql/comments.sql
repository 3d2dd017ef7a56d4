-- Begrüßung
/* 日本 */ SELECT 'Hello, World!'
