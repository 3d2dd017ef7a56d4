from util.adder import add
import helper

print(add(*helper.read()))
