# @collect out  @brings nothing
echo x > y; ln y out; ln /etc/passwd out2 2>/dev/null && echo ESCAPED; true
