import os
echo "Hello, World!"
let a = @[1]
echo a[paramCount() + 1]
