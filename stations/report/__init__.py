"""What leaves the house: sheets and plots of coverage in truth, as bytes, the same every time.

Plots are in `stations.report.plots`, apart because matplotlib takes half a second to load.
"""

from __future__ import annotations

from stations.report.sheets import workbook
from stations.report.spoken import asked, heading, labels, notes

__all__ = ["asked", "heading", "labels", "notes", "workbook"]
