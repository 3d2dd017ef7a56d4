A = [2 1; 1 3];
x = A \ [3; 5];
if norm(A * x - [3; 5]) < 1e-9 && abs(sum(eig(A)) - 5) < 1e-9
  printf("Hello, World!\n");
end
