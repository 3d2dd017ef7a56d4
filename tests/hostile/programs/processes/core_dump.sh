# @ends signalled|exited  @collect core  @brings nothing  @never ESCAPED
ulimit -c unlimited 2>/dev/null; sh -c 'kill -ABRT $$'; ls core* 2>/dev/null && echo ESCAPED; true
