var x = 0
while true { x = 1 &- x }
