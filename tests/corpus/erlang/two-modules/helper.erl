-module(helper).
-export([add/1]).
-include("numbers.hrl").
add(#pair{a = A, b = B}) -> A + B.
