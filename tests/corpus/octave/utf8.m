% Begrüßung: 日本
s = 'ü';
if length(s) == 2
  disp('Hello, World!');
end
