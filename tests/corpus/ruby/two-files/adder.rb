module Adder
  def self.add(*xs) = xs.sum
end
