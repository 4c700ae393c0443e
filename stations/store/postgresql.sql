-- What a register in PostgreSQL has besides its tables: history that cannot be changed, notices,
-- positions as PostGIS knows them, and views for GIS programs. Run once, by the tables' owner.

CREATE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;

DO $$
DECLARE
    history text;
BEGIN
    FOREACH history IN ARRAY ARRAY[
        'revisions', 'station_versions', 'layer_versions', 'site_versions', 'evidence',
        'finding_steps', 'visits', 'signatures', 'activity_steps', 'links', 'account_log'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I
             FOR EACH ROW EXECUTE FUNCTION history_is_append_only()', history);
        EXECUTE format(
            'CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %I
             FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()', history);
    END LOOP;
END $$;

-- Whatever is recorded adds a link to the chain: every process that listens hears of it.
CREATE FUNCTION tell_of_a_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('stations_recorded', NEW.kind);
    RETURN NULL;
END $$;
CREATE TRIGGER told AFTER INSERT ON links FOR EACH ROW EXECUTE FUNCTION tell_of_a_link();

ALTER TABLE station_versions ADD COLUMN geom geometry(Point, 4326)
    GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED;
CREATE INDEX stations_by_place ON station_versions USING gist (geom);

-- The register as it is now, for programs that read tables. Whoever reads these cannot read the
-- tables of history.
CREATE SCHEMA gis;

CREATE VIEW gis.stations AS
SELECT * FROM station_versions AS s
WHERE NOT s.deleted AND NOT EXISTS (
    SELECT 1 FROM station_versions AS later
    WHERE later.id = s.id AND later.revision > s.revision);

CREATE VIEW gis.layers WITH (security_barrier) AS
SELECT l.name, l.zh, l.en, l.revision FROM layer_versions AS l
WHERE NOT l.restricted AND NOT l.deleted AND NOT EXISTS (
    SELECT 1 FROM layer_versions AS later
    WHERE later.name = l.name AND later.revision > l.revision);

CREATE VIEW gis.restricted_sites WITH (security_barrier) AS
SELECT s.*, ST_GeomFromWKB(s.geometry, 4326)::geometry(Geometry, 4326) AS geom
FROM site_versions AS s
WHERE s.layer NOT IN (SELECT name FROM gis.layers) AND NOT s.deleted AND NOT EXISTS (
    SELECT 1 FROM site_versions AS later
    WHERE later.layer = s.layer AND later.id = s.id AND later.revision > s.revision);

-- The sites of layers that are not restricted, in a table of their own: an index or statistics
-- over all sites would tell anybody how far the restricted ones reach.
CREATE TABLE gis.sites (
    LIKE site_versions,
    geom geometry(Geometry, 4326) GENERATED ALWAYS AS (ST_GeomFromWKB(geometry, 4326)) STORED,
    PRIMARY KEY (layer, id)
);
CREATE INDEX sites_by_place ON gis.sites USING gist (geom);
CREATE TABLE gis.seen (revision integer NOT NULL);
INSERT INTO gis.seen VALUES (0);

-- Bring gis.sites to the newest revision: the program calls it before each commit.
CREATE FUNCTION gis.refresh() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    before integer;
    newest integer;
    told text[];
BEGIN
    SELECT revision INTO before FROM gis.seen;
    SELECT coalesce(max(number), 0) INTO newest FROM revisions;
    IF newest = before THEN
        RETURN;
    END IF;
    SELECT array_agg(name) INTO told FROM layer_versions WHERE revision > before;
    DELETE FROM gis.sites AS g WHERE g.layer = ANY (told) OR EXISTS (
        SELECT 1 FROM site_versions AS s
        WHERE s.layer = g.layer AND s.id = g.id AND s.revision > before);
    INSERT INTO gis.sites
    SELECT s.* FROM site_versions AS s JOIN gis.layers AS l ON l.name = s.layer
    WHERE (s.revision > before OR s.layer = ANY (told)) AND NOT s.deleted AND NOT EXISTS (
        SELECT 1 FROM site_versions AS later
        WHERE later.layer = s.layer AND later.id = s.id AND later.revision > s.revision);
    UPDATE gis.seen SET revision = newest;
END $$;
REVOKE EXECUTE ON FUNCTION gis.refresh() FROM PUBLIC;
