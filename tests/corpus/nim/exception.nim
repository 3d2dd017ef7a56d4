import strutils
echo "Hello, World!"
echo parseInt("x")
