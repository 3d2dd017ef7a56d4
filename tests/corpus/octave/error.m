disp('Hello, World!')
error('no')
