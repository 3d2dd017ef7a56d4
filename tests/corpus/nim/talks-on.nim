echo 37
flushFile(stdout)
for i in 0 .. 100000: echo i
