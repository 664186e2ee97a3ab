"""For whoever marks by hand: a page for each submission with its code, and a file of marks to fill in."""

from grader.reports.marking.template import TemplateRequest, write_templates

__all__ = ["TemplateRequest", "write_templates"]
