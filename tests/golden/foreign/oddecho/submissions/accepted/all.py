for number in range(int(input())):
    word = input()
    if number % 2 == 0:
        print(word)
