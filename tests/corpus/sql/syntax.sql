SELEKT 'Hello, World!';
