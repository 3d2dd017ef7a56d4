defprotocol Add do
  def add(a, b)
end

defmodule Vec do
  defstruct x: 0
  def new(x) when is_integer(x), do: %Vec{x: x}
end

defimpl Add, for: Vec do
  def add(a, b), do: %Vec{x: a.x + b.x}
end

unused = 3
[a, b] = IO.gets("") |> String.split() |> Enum.map(&(String.to_integer(&1) |> Vec.new()))
IO.puts(Add.add(a, b).x)
