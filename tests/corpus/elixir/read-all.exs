[_ | numbers] = IO.read(:all) |> String.split() |> Enum.map(&String.to_integer/1)
IO.puts(Enum.sum(numbers))
