n = scanf('%d', 1);
printf('%d\n', 1:n);
exit(0)
