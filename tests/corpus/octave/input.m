x = str2num(fgetl(stdin));
disp(sum(x))
