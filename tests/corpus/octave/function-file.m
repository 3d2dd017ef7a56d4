1;
function r = add(a, b)
  r = a + b;
end
function main()
  a = scanf('%d', 1);
  b = scanf('%d', 1);
  printf("%d\n", add(a, b));
end
main();
