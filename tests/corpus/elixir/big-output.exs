n = IO.gets("") |> String.trim() |> String.to_integer()
IO.puts(Enum.map_join(1..n, "\n", &Integer.to_string/1))
System.halt(0)
