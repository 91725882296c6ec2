// Package dm takes the place of the driver of another database, which xorm's
// tests import and no module proxy has. It registers nothing.
package dm
