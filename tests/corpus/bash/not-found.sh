ehco "Hello, World!"
