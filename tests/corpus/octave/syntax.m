if true
  disp('Hello, World!')
