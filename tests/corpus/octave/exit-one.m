disp('Hello, World!')
exit(1)
