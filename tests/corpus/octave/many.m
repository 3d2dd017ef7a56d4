a = scanf('%d');
printf('%d\n', sum(a(2:end)));
