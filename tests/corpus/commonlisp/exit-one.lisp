(write-line "Hello, World!")
(sb-ext:exit :code 1)
