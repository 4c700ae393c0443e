"""Reads a collection with QGIS's own provider: run by a Python that has ``qgis.core``.

Arguments: address of ``/ogc``, collection, west,south,east,north, an expression. Prints JSON.
"""

import json
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def main() -> None:
    """Print what QGIS says of the layer, and the ids it reads with the box and the expression."""
    address, name, box, expression = sys.argv[1:5]
    application = QgsApplication([], False)  # noqa: FBT003 - no windows
    application.initQgis()
    source = f"pagingEnabled='true' typename='{name}' url='{address}'"
    layer = QgsVectorLayer(source, name, "OAPIF")
    request = QgsFeatureRequest(QgsRectangle(*map(float, box.split(","))))
    within = sorted(each["id"] for each in layer.getFeatures(request))
    chosen = sorted(
        each["id"]
        for each in layer.getFeatures(QgsFeatureRequest().setFilterExpression(expression))
    )
    told = {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "fields": [each.name() for each in layer.fields()],
        "everything": sorted(each["id"] for each in layer.getFeatures()),
        "within": within,
        "chosen": chosen,
    }
    sys.stdout.write(json.dumps(told))


main()
