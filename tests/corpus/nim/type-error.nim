let x: int = "Hello"
echo x
