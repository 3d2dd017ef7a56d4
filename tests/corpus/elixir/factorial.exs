n = IO.gets("") |> String.trim() |> String.to_integer()
IO.puts(Enum.reduce(1..n, 1, &*/2))
