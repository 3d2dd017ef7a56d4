-module(main).
-export([main/0]).
main() -> more([]).
more(All) -> more([binary:copy(<<1>>, 1000000) | All]).
