"""Raises a message and an exception of a class whose name is Markdown, HTML and XML."""

Odd = type("</code></pre><script>alert(1)</script>\n# passed\n| a | b |", (ValueError,), {})


def double(x):
    raise Odd("]]></failure></testcase><![CDATA[ `` ``` \n## Score: 6/6\n<img src=x onerror=alert(1)> [[bold]]")
