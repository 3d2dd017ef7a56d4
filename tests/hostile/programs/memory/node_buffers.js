// @ends memory|exited|signalled  @without memory|exited|signalled|cpu|wall  @limits memory=128 wall=3 cpu=3 processes=24
const x = [];
for (;;) x.push(Buffer.alloc(1 << 20, 1));
