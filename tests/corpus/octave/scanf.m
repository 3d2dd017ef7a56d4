a = scanf('%d', [1 2]);
printf('%d\n', a(1) + a(2));
