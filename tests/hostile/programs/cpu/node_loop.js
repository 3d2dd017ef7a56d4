// @ends cpu|wall  @limits cpu=0.4 wall=2 memory=256 processes=24
for (;;);
