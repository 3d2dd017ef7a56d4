words = {};
while ischar (s = fgetl (stdin))
  words = [words, strsplit(strtrim (s), " ")];
endwhile
[u, ~, j] = unique (words);
n = accumarray (j(:), 1);
for i = 1:numel (u)
  printf ("%s %d\n", u{i}, n(i));
endfor
