<?php
echo "37\n";
usleep(300000);
for ($i = 0; $i < 1000; $i++) echo "more\n";
