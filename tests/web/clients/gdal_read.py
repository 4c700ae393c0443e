"""Reads a layer with GDAL. Arguments: source, layer, options as JSON; prints JSON."""

import json
import sys

import pyogrio
import shapely


def main() -> None:
    """Print the source's layers, and ids, places and some columns of one."""
    source, layer, how = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    if "bbox" in how:
        how["bbox"] = tuple(how["bbox"])
    frame = pyogrio.read_dataframe(source, layer=layer, **how)
    columns = [name for name in ("kind", "amenities") if name in frame]
    told = {
        "layers": [str(name) for name, _ in pyogrio.list_layers(source)],
        "ids": frame["id"].tolist(),
        "crs": frame.crs.to_string(),
        "places": shapely.get_coordinates(frame.geometry).tolist(),
        "columns": {name: [*map(_plain, frame[name])] for name in columns},
    }
    sys.stdout.write(json.dumps(told))


def _plain(cell: object) -> object:
    return cell if isinstance(cell, str) else [*map(str, cell)]  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
