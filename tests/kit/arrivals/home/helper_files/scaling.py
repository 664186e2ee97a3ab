def scaled(x, scale, shift):
    return x * scale + shift
