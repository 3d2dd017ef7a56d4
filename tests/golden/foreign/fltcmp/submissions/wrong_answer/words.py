print('two inf')
