<?php
require 'adder.php';
echo Adder::add(...array_map('intval', explode(' ', trim(fgets(STDIN))))), "\n";
