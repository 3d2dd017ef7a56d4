1;

% Numbers are read as doubles, exact up to 2^53: so each is read in two parts.
function number = exact(word)
  digits = regexprep(word, "^-", "");
  digits = [repmat("0", 1, 20 - numel(digits)), digits];
  number = int64(str2double(digits(1:10))) * int64(10000000000) + int64(str2double(digits(11:20)));
  if word(1) == "-"
    number = -number;
  end
end

words = strsplit(strtrim(fgetl(stdin)), " ");
printf("%d\n", exact(words{1}) + exact(words{2}));
