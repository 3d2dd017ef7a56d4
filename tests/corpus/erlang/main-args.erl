-module(main).
-export([main/1]).
main([]) -> io:fwrite("Hello, World!\n").
