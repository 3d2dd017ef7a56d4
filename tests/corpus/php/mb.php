<?php
echo implode('', array_reverse(preg_split('//u', trim(fgets(STDIN)), -1, PREG_SPLIT_NO_EMPTY))), "\n";
