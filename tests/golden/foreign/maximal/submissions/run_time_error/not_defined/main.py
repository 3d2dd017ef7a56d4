import util
print(util.answer(int(input())))
