"""Has a line and a function of enormous length and odd letters in it, shown where it raises."""

exec(compile("def " + "ä" * 5000 + "(x):\n    raise ValueError('" + "\u202e\u200b" * 5000 + "')", __file__, "exec"))
double = globals()["ä" * 5000]
