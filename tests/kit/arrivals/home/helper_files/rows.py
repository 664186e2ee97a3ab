kept = True


def last_axis():
    return -1
