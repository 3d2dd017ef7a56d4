grüße = "Hello, World!"
print(grüße)
