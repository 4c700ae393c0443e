BEGIN TRANSACTION;
CREATE TABLE layer_versions (
	name TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	zh TEXT, 
	en TEXT, 
	restricted BOOLEAN, 
	PRIMARY KEY (name, revision), 
	CONSTRAINT told CHECK (deleted OR restricted IS NOT NULL), 
	FOREIGN KEY(revision) REFERENCES revisions (number)
)
 WITHOUT ROWID

;
INSERT INTO "layer_versions" VALUES('building_sites',1,0,'工地','Building sites',0);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('application','worker-stations');
INSERT INTO "meta" VALUES('schema_version','1');
CREATE TABLE revisions (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	why TEXT NOT NULL, 
	summary JSON NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "revisions" VALUES(1,'2026-01-01 00:00:00.000000','clerk','test','{"stations_added": 2, "stations_changed": 0, "stations_removed": 0, "sites_added": 2, "sites_changed": 0, "sites_removed": 0, "layers": 1}');
INSERT INTO "revisions" VALUES(2,'2026-01-01 00:01:00.000000','clerk','test','{"stations_added": 0, "stations_changed": 0, "stations_removed": 1, "sites_added": 0, "sites_changed": 0, "sites_removed": 1, "layers": 0}');
CREATE TABLE site_versions (
	layer TEXT NOT NULL, 
	id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name TEXT, 
	workers BIGINT, 
	area_code TEXT, 
	attributes TEXT, 
	position_in TEXT, 
	datum_in TEXT, 
	datum_by TEXT, 
	synthetic BOOLEAN, 
	lon DOUBLE, 
	lat DOUBLE, 
	geometry BLOB, 
	PRIMARY KEY (layer, id, revision), 
	CONSTRAINT placed CHECK (deleted OR (name IS NOT NULL AND lon IS NOT NULL AND lat IS NOT NULL
    AND lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90 AND geometry IS NOT NULL)), 
	FOREIGN KEY(revision) REFERENCES revisions (number)
)
 WITHOUT ROWID

;
INSERT INTO "site_versions" VALUES('building_sites','dated',1,0,'园区',100,'530114','{"开工日期": "2026-03-01", "竣工日期": "2026-09-30", "phase": "一期"}','','wgs84','file',0,101.0,24.0,X'010100000000000000004059400000000000003840');
INSERT INTO "site_versions" VALUES('building_sites','gone',1,0,'园区',100,'530114','{}','','wgs84','file',0,101.0,24.0,X'010100000000000000004059400000000000003840');
INSERT INTO "site_versions" VALUES('building_sites','gone',2,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE station_versions (
	id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name TEXT, 
	kind TEXT, 
	amenities TEXT, 
	opening_hours TEXT, 
	access TEXT, 
	host TEXT, 
	capacity BIGINT, 
	area_code TEXT, 
	status TEXT, 
	phone TEXT, 
	position_in TEXT, 
	datum_in TEXT, 
	datum_by TEXT, 
	synthetic BOOLEAN, 
	lon DOUBLE, 
	lat DOUBLE, 
	PRIMARY KEY (id, revision), 
	CONSTRAINT placed CHECK (deleted OR (name IS NOT NULL AND lon IS NOT NULL AND lat IS NOT NULL
    AND lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90)), 
	FOREIGN KEY(revision) REFERENCES revisions (number)
)
 WITHOUT ROWID

;
INSERT INTO "station_versions" VALUES('A',1,0,'工会驿站','mobile','toilet;water','Mo-Fr 08:00-20:00','walk_in','银行',12,'530114','active','','102.7,25.0','wgs84','operator',1,102.7,25.0);
INSERT INTO "station_versions" VALUES('B',1,0,'工会驿站','standard','toilet;water','Mo-Fr 08:00-20:00','walk_in','银行',12,'530114','active','','102.7,25.0','wgs84','operator',1,102.7,25.0);
INSERT INTO "station_versions" VALUES('B',2,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TRIGGER revisions_no_update BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER revisions_no_delete BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER station_versions_no_update BEFORE UPDATE ON station_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER station_versions_no_delete BEFORE DELETE ON station_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER layer_versions_no_update BEFORE UPDATE ON layer_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER layer_versions_no_delete BEFORE DELETE ON layer_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER site_versions_no_update BEFORE UPDATE ON site_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER site_versions_no_delete BEFORE DELETE ON site_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
COMMIT;
