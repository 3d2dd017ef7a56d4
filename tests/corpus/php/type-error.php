<?php
echo "Hello, World!\n";
strlen();
