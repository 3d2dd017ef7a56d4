IO.puts("Hello, World!")
{:ok, _} = List.keyfind([a: 1], :b, 0)
