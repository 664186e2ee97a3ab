"""Drafts an entry of the catalog from a wrong submission: the smallest edit of the solution that answers alike."""

from grader.authoring.drafting.draft import Draft, draft_from

__all__ = ["Draft", "draft_from"]
