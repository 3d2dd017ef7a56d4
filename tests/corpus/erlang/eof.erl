-module(main).
-export([main/0]).
main() -> io:format("~w~n", [lines(0)]).
lines(S) ->
    case io:get_line("") of
        eof -> S;
        Line -> lines(S + lists:sum([list_to_integer(W) || W <- string:lexemes(Line, " \n")]))
    end.
