// @ends output|memory|cpu  @limits output=10000 memory=256 wall=30 cpu=2 processes=24
for (;;) require("fs").writeSync(1, "0123456789\n");
