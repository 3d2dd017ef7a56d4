defmodule Memory do
  def more(all), do: more([:binary.copy(<<1>>, 1_000_000) | all])
end

Memory.more([])
