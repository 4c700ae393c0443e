"""Paper: bulletins, signed audits and round sheets as pages to print, and as PDF.

README.md beside this file says what each page shows and how the PDFs stay the same.
"""

from __future__ import annotations

from web.paper.making import PaperError, pdf
from web.paper.notices import bulletin_sheet, signed_sheet
from web.paper.rounds import round_sheet

__all__ = ["PaperError", "bulletin_sheet", "pdf", "round_sheet", "signed_sheet"]
