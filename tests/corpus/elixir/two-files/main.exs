Code.require_file("helper.ex", __DIR__)
[a, b] = IO.gets("") |> String.split() |> Enum.map(&String.to_integer/1)
IO.puts(Helper.add(a, b))
