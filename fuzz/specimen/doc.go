// Package specimen is the schema that the planner's goldens are read against:
// three tables, their indexes and two views, enough for every access path,
// collation and affinity that a statement of a golden may ask for. The tests
// of resolve, plan and codegen share it, so that one statement can be followed
// through all stages.
package specimen
