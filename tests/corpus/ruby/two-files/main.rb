require_relative 'adder'
puts Adder.add(*gets.split.map(&:to_i))
