n = scanf('%d', 1);
printf('%d ', sort(scanf('%d', n)));
printf('\n');
