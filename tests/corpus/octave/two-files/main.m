addpath(fileparts(mfilename('fullpath')));
v = scanf('%d');
printf('%d\n', add_them(v(1), v(2)));
