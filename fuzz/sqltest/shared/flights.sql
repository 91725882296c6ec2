CREATE TABLE airports(id INTEGER PRIMARY KEY, name TEXT, city TEXT, country TEXT, iata TEXT, icao TEXT, latitude REAL, longitude REAL, altitude_ft INTEGER, utc_offset REAL, dst TEXT, tz TEXT, type TEXT, source TEXT);
CREATE TABLE airlines(id INTEGER PRIMARY KEY, name TEXT, alias TEXT, iata TEXT, icao TEXT, callsign TEXT, country TEXT, active TEXT);
CREATE TABLE routes(airline TEXT, airline_id INTEGER, source TEXT, source_id INTEGER, destination TEXT, destination_id INTEGER, codeshare TEXT, stops INTEGER, equipment TEXT);
CREATE INDEX routes_source ON routes(source);
CREATE INDEX airports_iata ON airports(iata);
