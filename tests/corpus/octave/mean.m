n = scanf('%d', 1);
printf('%.6f\n', mean(scanf('%f', n)));
