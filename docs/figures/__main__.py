"""Draw the figures of the lessons anew: `python -m docs.figures` (or `make figures`)."""

from docs.figures.common import all_figures

if __name__ == "__main__":
    for figure in all_figures():
        figure.write()
        print(f"Written: {figure.path} and its PNG")
