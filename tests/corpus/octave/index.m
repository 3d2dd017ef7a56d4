disp('Hello, World!')
a = [1 2 3];
a(7)
