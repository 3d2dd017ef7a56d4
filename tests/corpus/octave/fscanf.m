n = fscanf(stdin, '%d', 1);
a = fscanf(stdin, '%d', n);
fprintf('%d\n', sum(a));
