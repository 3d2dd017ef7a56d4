-module(main).
-export([main/0]).
main() ->
    [io:format("~s ~w~n", [W, N]) || {W, N} <- lists:sort(maps:to_list(count(#{})))].
count(M) ->
    case io:get_line("") of
        eof -> M;
        L -> count(lists:foldl(fun(W, A) -> maps:update_with(W, fun(N) -> N + 1 end, 1, A) end, M, string:lexemes(L, " \n")))
    end.
