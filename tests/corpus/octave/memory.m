c = {};
while true
  c{end + 1} = ones(1000);
end
