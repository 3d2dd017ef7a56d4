m = containers.Map();
m('a') = 3;
s = struct('x', {1, 2, 3});
f = @(v) v * 2;
try
  error('id:x', 'no');
catch err
  if m.isKey('a') && numel(s) == 3 && f(2) == 4
    disp('Hello, World!');
  end
end
