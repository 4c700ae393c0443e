"""The peer of the HTTP benchmark: the same nearest question asked of PostGIS through Flask."""

from __future__ import annotations

import os

import psycopg
from flask import Flask, Response, jsonify, request
from psycopg.rows import dict_row

app = Flask(__name__)
connection = psycopg.connect(os.environ["PEER_DSN"], row_factory=dict_row, autocommit=True)

QUESTION = """
SELECT id, name, kind, amenities, opening_hours, access, host, capacity, area_code, status, phone,
       lon, lat, ST_Distance(place, here) AS distance_m
FROM stations, (SELECT ST_MakePoint(%s, %s)::geography AS here) AS origin
WHERE status = 'active' AND amenities @> %s
ORDER BY place <-> here LIMIT %s
"""


@app.get("/nearest")
def nearest() -> Response:
    """Answer with the nearest stations that have what is needed."""
    lon, lat = float(request.args["lon"]), float(request.args["lat"])
    needs, limit = request.args["needs"].split(","), int(request.args["limit"])
    rows = connection.execute(QUESTION, (lon, lat, needs, limit)).fetchall()
    return jsonify(stations=rows)
