defmodule Depth do
  def f(0), do: 0
  def f(n), do: n + f(n - 1)
end

IO.gets("") |> String.trim() |> String.to_integer() |> Depth.f() |> IO.puts()
