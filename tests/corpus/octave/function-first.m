function r = add (a, b)
  r = a + b;
endfunction
v = scanf ("%d");
printf ("%d\n", add (v(1), v(2)));
