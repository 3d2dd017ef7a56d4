printf("37\n");
fflush(stdout);
for i = 1:2000
  printf("%d\n", i);
end
