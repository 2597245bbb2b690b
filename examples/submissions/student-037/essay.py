# My thoughts on generative models
print('They are great.')
