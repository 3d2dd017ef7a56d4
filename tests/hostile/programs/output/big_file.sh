# @ends output  @limits file=1000000
exec head -c 3000000 /dev/zero > big
