BEGIN TRANSACTION;
CREATE TABLE account_log (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	account TEXT NOT NULL, 
	event TEXT NOT NULL, 
	details TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "account_log" VALUES(1,'2026-01-01 00:06:00.000000','test','anna','account_made','editor 53');
CREATE TABLE account_sessions (
	id TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	account TEXT NOT NULL, 
	stamp TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	used DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (hash)
);
CREATE TABLE account_tokens (
	id TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	account TEXT NOT NULL, 
	label TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	used DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (hash), 
	FOREIGN KEY(account) REFERENCES accounts (name)
);
CREATE TABLE account_tries (
	mark TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (mark)
);
CREATE TABLE accounts (
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	role TEXT NOT NULL, 
	area TEXT NOT NULL, 
	password TEXT NOT NULL, 
	password_until DATETIME, 
	active BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "accounts" VALUES('anna','安娜','editor','53','',NULL,1,'2026-01-01 00:06:00.000000');
CREATE TABLE evidence (
	number INTEGER NOT NULL, 
	station TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	note TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	received DATETIME NOT NULL, 
	PRIMARY KEY (number), 
	CONSTRAINT once UNIQUE (station, "key")
);
INSERT INTO "evidence" VALUES(1,'A','report','cannot_see','2026-01-01 00:02:00.000000','','','k','2026-01-01 00:02:00.000000');
CREATE TABLE finding_steps (
	number INTEGER NOT NULL, 
	finding INTEGER NOT NULL, 
	step TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	why TEXT NOT NULL, 
	details TEXT NOT NULL, 
	rule TEXT, 
	station TEXT, 
	fact TEXT, 
	PRIMARY KEY (number), 
	CONSTRAINT opened_once UNIQUE (rule, station, fact), 
	CONSTRAINT opening CHECK ((finding = number) = (rule IS NOT NULL AND station IS NOT NULL AND fact IS NOT NULL))
);
INSERT INTO "finding_steps" VALUES(1,1,'open','2026-01-01 00:03:00.000000','王芳','审计','{"due":"x"}','place.null_island','A','f');
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
INSERT INTO "layer_versions" VALUES('parks',1,0,'产业园区','Industrial parks',0);
CREATE TABLE links (
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (number), 
	CONSTRAINT linked_once UNIQUE (kind, last)
);
INSERT INTO "links" VALUES(1,'revision',1,'ec65a8392d7e82648b28bb5994c1b1b7e4942d3439720f7dd81a7792560b0990');
INSERT INTO "links" VALUES(2,'revision',2,'485c22c042aa3763451a659e9dfa14115fbd31291f36176de80a9a22d2c70b17');
INSERT INTO "links" VALUES(3,'evidence',1,'8585c59f57c906199cd6c8803a386a07b03367ef2cf47416bbce84f46d6daca7');
INSERT INTO "links" VALUES(4,'finding',1,'6a9c54ef68e3be2e1aa685a7b687884cb4caacc47fca5e2422a21e39bc6edcd3');
INSERT INTO "links" VALUES(5,'visit',1,'8759b0bf6ed542421801ad2b404e5ce6a6922b583d47c12a5d246aba31fbb638');
INSERT INTO "links" VALUES(6,'signature',1,'5a81d881abe8da0d1f104ed89e80b5a438e4c685cd3ff28da375ff4ac5a971f0');
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('application','worker-stations');
INSERT INTO "meta" VALUES('schema_version','3');
CREATE TABLE revisions (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	why TEXT NOT NULL, 
	summary JSON NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "revisions" VALUES(1,'2026-01-01 00:00:00.000000','clerk','test','{"stations_added": 2, "stations_changed": 0, "stations_removed": 0, "sites_added": 0, "sites_changed": 0, "sites_removed": 0, "layers": 1}');
INSERT INTO "revisions" VALUES(2,'2026-01-01 00:01:00.000000','clerk','test','{"stations_added": 0, "stations_changed": 0, "stations_removed": 1, "sites_added": 2, "sites_changed": 0, "sites_removed": 0, "layers": 0}');
CREATE TABLE signatures (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	about TEXT NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "signatures" VALUES(1,'2026-01-01 00:05:00.000000','李强','bulletin','{"month":"2026-01"}');
CREATE TABLE site_versions (
	layer TEXT NOT NULL, 
	id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name TEXT, 
	workers BIGINT, 
	"from" TEXT, 
	until TEXT, 
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
INSERT INTO "site_versions" VALUES('parks','p',2,0,'园区',100,'2026-03-01','','530114','{}','','wgs84','file',0,101.0,24.0,X'010100000000000000004059400000000000003840');
INSERT INTO "site_versions" VALUES('parks','q',2,0,'园区',100,'','','530114','{}','','wgs84','file',0,101.0,24.0,X'010100000000000000004059400000000000003840');
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
	calendar TEXT, 
	host_hours TEXT, 
	amenity_hours TEXT, 
	closures TEXT, 
	access_hours TEXT, 
	door_asks TEXT, 
	ebike_parking BIGINT, 
	truck_bays BIGINT, 
	entrance_lon DOUBLE, 
	entrance_lat DOUBLE, 
	places TEXT, 
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
INSERT INTO "station_versions" VALUES('A',1,0,'工会驿站','standard','toilet;water','Mo-Fr 08:00-20:00','walk_in','银行',12,'530114','active','','workdays','','','','','',NULL,NULL,NULL,NULL,'','102.7,25.0','wgs84','operator',1,102.7,25.0);
INSERT INTO "station_versions" VALUES('B',1,0,'乙','standard','toilet;water','Mo-Fr 08:00-20:00','walk_in','银行',12,'530114','active','','workdays','','','','','',NULL,NULL,NULL,NULL,'','102.7,25.0','wgs84','operator',1,102.7,25.0);
INSERT INTO "station_versions" VALUES('B',2,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE visits (
	number INTEGER NOT NULL, 
	station TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	received DATETIME NOT NULL, 
	"key" TEXT NOT NULL, 
	form TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	lon DOUBLE, 
	lat DOUBLE, 
	accuracy_m DOUBLE, 
	distance_m DOUBLE, 
	answers TEXT NOT NULL, 
	photos TEXT NOT NULL, 
	note TEXT NOT NULL, 
	told TEXT NOT NULL, 
	PRIMARY KEY (number), 
	CONSTRAINT visited_once UNIQUE (station, "key")
);
INSERT INTO "visits" VALUES(1,'A','2026-01-01 00:04:00.000000','王芳','2026-01-01 00:04:00.000000','v','','worked',102.7,25.0,NULL,NULL,'{}','[]','好','{}');
CREATE TRIGGER revisions_no_update BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER revisions_no_delete BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX steps_by_station ON finding_steps (station);
CREATE INDEX ix_finding_steps_finding ON finding_steps (finding);
CREATE TRIGGER finding_steps_no_update BEFORE UPDATE ON finding_steps BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER finding_steps_no_delete BEFORE DELETE ON finding_steps BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER links_no_update BEFORE UPDATE ON links BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER links_no_delete BEFORE DELETE ON links BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX ix_visits_station ON visits (station);
CREATE TRIGGER visits_no_update BEFORE UPDATE ON visits BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER visits_no_delete BEFORE DELETE ON visits BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER signatures_no_update BEFORE UPDATE ON signatures BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX ix_account_sessions_account ON account_sessions (account);
CREATE INDEX ix_account_log_account ON account_log (account);
CREATE TRIGGER account_log_no_update BEFORE UPDATE ON account_log BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER account_log_no_delete BEFORE DELETE ON account_log BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX stations_by_revision ON station_versions (revision, id);
CREATE TRIGGER station_versions_no_update BEFORE UPDATE ON station_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER station_versions_no_delete BEFORE DELETE ON station_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER layer_versions_no_update BEFORE UPDATE ON layer_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER layer_versions_no_delete BEFORE DELETE ON layer_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX sites_by_revision ON site_versions (revision, layer, id);
CREATE TRIGGER site_versions_no_update BEFORE UPDATE ON site_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER site_versions_no_delete BEFORE DELETE ON site_versions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX ix_account_tokens_account ON account_tokens (account);
COMMIT;
