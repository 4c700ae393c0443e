"""The peer of the HTTP benchmark: nearest questions asked of PostGIS through Flask."""

from __future__ import annotations

import os
from datetime import datetime

import psycopg
from flask import Flask, Response, jsonify, request
from psycopg.rows import dict_row

app = Flask(__name__)
connection = psycopg.connect(os.environ["PEER_DSN"], row_factory=dict_row, autocommit=True)

QUESTION = """
SELECT id, name, kind, amenities, opening_hours, access, host, capacity, area_code, status, phone,
       lon, lat, ST_Distance(place, here) AS distance_m
FROM stations, (SELECT ST_MakePoint(%s, %s)::geography AS here) AS origin
WHERE status = 'active' AND amenities @> %s {open_now}
ORDER BY place <-> here LIMIT %s
"""
ANY = QUESTION.format(open_now="")
OPEN_NOW = [
    QUESTION.format(open_now=f"AND opens_{day} <= %s AND closes_{day} > %s") for day in range(7)
]
"""By weekday, Monday first: two columns each."""


@app.get("/nearest")
def nearest() -> Response:
    """Answer with the nearest stations that have what is needed, and are open ``at`` if given."""
    lon, lat = float(request.args["lon"]), float(request.args["lat"])
    needs, limit = request.args["needs"].split(","), int(request.args["limit"])
    if "at" not in request.args:
        return jsonify(stations=connection.execute(ANY, (lon, lat, needs, limit)).fetchall())
    at = datetime.fromisoformat(request.args["at"])
    minute = at.hour * 60 + at.minute
    asked = (lon, lat, needs, minute, minute, limit)
    return jsonify(stations=connection.execute(OPEN_NOW[at.weekday()], asked).fetchall())
