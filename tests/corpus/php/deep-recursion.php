<?php
function f($n) { return $n == 0 ? 0 : $n + f($n - 1); }
echo f((int)fgets(STDIN)), "\n";
