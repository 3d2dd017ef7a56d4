IO.gets("") |> String.trim_trailing("\n") |> String.reverse() |> IO.puts()
