<?php
die("Hello, World!\n");
