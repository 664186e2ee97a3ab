"""Never comes back from being imported."""
# naive: no verdict
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
