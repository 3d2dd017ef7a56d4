defmodule Guess do
  def go(lo, hi) do
    m = div(lo + hi, 2)
    IO.puts(m)

    case IO.gets("") |> String.trim() do
      "higher" -> go(m + 1, hi)
      "lower" -> go(lo, m - 1)
      _ -> :ok
    end
  end
end

Guess.go(1, 1000)
