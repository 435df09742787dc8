"""The only code that queries; everything here works alike on SQLite and on PostGIS."""
